import { VERSION } from '@rivven/runtime'
import type { BrokerNode, ClusterImage } from '../../cluster/image.js'
import type { Move } from '../../cluster/placement/plan-moves.js'
import { offsetsTopic } from '../../coordinator/groups/offsets-topic.js'
import { transactionsTopic } from '../../coordinator/transactions/transaction-coordinator.js'
import type { BrokerServices } from '../handler.js'
import type { Call } from './call.js'

/** `GET /api/cluster`: what one broker knows of itself and of the others. */
export interface ClusterPage {
  readonly clusterId: string
  readonly self: {
    readonly id: number
    readonly version: string
    /** `not serving`: its lease is over, or it is on its way in or out. */
    readonly state: 'serving' | 'draining' | 'not serving'
    /** Milliseconds since the last sign of life that the others have heard of; null: it is alone, and needs none. */
    readonly leaseAgeMs: number | null
    /** Partitions that it leads, but for those of coordinators. */
    readonly partitions: number
    /** Partitions of groups and of transactional ids. */
    readonly coordinates: number
  }
  readonly brokers: readonly BrokerLine[]
  /** Partitions that change hands, or are going to. */
  readonly moves: readonly MoveLine[]
}

export interface BrokerLine {
  readonly id: number
  readonly rack: string | null
  readonly isDraining: boolean
  /** By the name of the listener. */
  readonly addresses: Readonly<Record<string, string>>
}

export interface MoveLine {
  readonly topic: string
  readonly partition: number
  readonly from: number | null
  readonly to: number
  readonly why: string
}

export const describeCluster: Call = {
  name: 'GET /api/cluster',
  needs: 'DESCRIBE',
  answer: ({ services }) => ({ status: 200, body: clusterPage(services) }),
}

export function clusterPage({ cluster, catalog }: BrokerServices): ClusterPage {
  const { image, brokerId, isServing, leaseAgeMs, moves } = cluster
  const isDraining = image.brokers.get(brokerId)?.isDraining === true
  return {
    clusterId: catalog.clusterId,
    self: {
      id: brokerId,
      version: VERSION,
      state: isServing ? (isDraining ? 'draining' : 'serving') : 'not serving',
      leaseAgeMs,
      ...ledBy(image, brokerId),
    },
    brokers: Array.from(image.brokers.values(), lineOf),
    moves: moveLines(image, moves),
  }
}

const topicsOfCoordinators: ReadonlySet<string> = new Set([offsetsTopic, transactionsTopic])

function ledBy({ topics }: ClusterImage, brokerId: number): { partitions: number; coordinates: number } {
  const led = { partitions: 0, coordinates: 0 }
  for (const topic of topics.values()) {
    const count = topic.partitions.reduce((sum, { leader }) => sum + (leader === brokerId ? 1 : 0), 0)
    led[topicsOfCoordinators.has(topic.name) ? 'coordinates' : 'partitions'] += count
  }
  return led
}

function moveLines({ topics }: ClusterImage, moves: readonly Move[]): MoveLine[] {
  const byPart = new Map(moves.map((move) => [move.partId, move]))
  if (byPart.size === 0) return []
  return Array.from(topics.values(), ({ name, partitions }) =>
    partitions.flatMap(({ partId }, partition) => {
      const move = byPart.get(partId)
      return move ? [{ topic: name, partition, from: move.from, to: move.to, why: move.why }] : []
    }),
  ).flat()
}

function lineOf({ id, rack, isDraining, addresses }: BrokerNode): BrokerLine {
  const texts = Array.from(addresses, ([name, { host, port }]) => [name, `${host}:${port}`] as const)
  return { id, rack, isDraining, addresses: Object.fromEntries(texts) }
}
