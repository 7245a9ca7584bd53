import { RivvenCall } from '@rivven/protocol'
import type { Cluster } from '../cluster.js'
import { leaderOf } from '../image.js'
import type { Peers } from './peers.js'

/** A member of a group that is rebalancing, by what another broker sees of it: who fetches, and of which partition. */
export interface Nudge {
  readonly groupId: string
  readonly clientId: string
  readonly clientHost: string
  readonly topic: string
  readonly partition: number
  /** For so many milliseconds the group has had its present generation: who fetched before may be another one. */
  readonly formedMsAgo: number
}

export const nudgesPath = '/api/cluster/nudges'

/** Word of rebalances for members whose fetches wait at other brokers. */
export class Nudges {
  readonly #cluster: Pick<Cluster, 'brokerId' | 'image'>
  readonly #peers: Pick<Peers, 'ask'>

  constructor(cluster: Pick<Cluster, 'brokerId' | 'image'>, peers: Pick<Peers, 'ask'>) {
    this.#cluster = cluster
    this.#peers = peers
  }

  /** The other broker that leads a partition; undefined: this one does, or nobody. */
  leaderElsewhere(topic: string, partition: number): number | undefined {
    const { image, brokerId } = this.#cluster
    const leader = leaderOf(image, topic, partition)?.leader ?? null
    return leader === null || leader === brokerId ? undefined : leader
  }

  /** Nobody waits for it: a member whose nudge is lost learns of the rebalance by its heartbeat. */
  send(broker: number, nudges: readonly Nudge[]): void {
    const request = { method: 'POST', path: nudgesPath, body: Buffer.from(JSON.stringify({ nudges })) }
    this.#peers.ask(broker, 'questions', RivvenCall, request).catch(() => undefined)
  }
}
