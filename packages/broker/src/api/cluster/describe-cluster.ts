import { VERSION } from '@rivven/runtime'
import type { BrokerNode, ClusterImage } from '../../cluster/image.js'
import type { Move } from '../../cluster/placement/plan-moves.js'
import { offsetsTopic } from '../../coordinator/groups/offsets-topic.js'
import { transactionsTopic } from '../../coordinator/transactions/transaction-coordinator.js'
import type { BrokerServices } from '../../handlers/handler.js'
import { route } from '../route.js'
import { flag, list, nullable, number, one, shape, type Told, text, texts, word } from '../shape.js'

const addressesOf = texts('Where it is reached, by the name of the listener.')

const selfPart = shape('Self', {
  id: number('Its node id.'),
  version: text('Of Rivven.'),
  state: word(
    ['serving', 'draining', 'not serving'],
    '`not serving`: its lease is over, or it is on its way in or out.',
  ),
  leaseAgeMs: nullable(
    number('Since the last sign of life that the others have heard of; null: it is alone, and needs none.'),
  ),
  partitions: number('Partitions that it leads, but for those of coordinators.'),
  coordinates: number('Partitions of groups and of transactional ids.'),
})

const brokerLine = shape('BrokerLine', {
  id: number('Its node id.'),
  rack: nullable(text('Where it stands.')),
  isDraining: flag('It hands over what it leads.'),
  addresses: addressesOf,
})
type BrokerLine = Told<typeof brokerLine>

const moveLine = shape('MoveLine', {
  topic: text('Name of the topic.'),
  partition: number('Index of the partition.'),
  from: nullable(number('Who leads it.')),
  to: number('Who is going to.'),
  why: text('`drain`, `balance`, `death` or `request`.'),
})
type MoveLine = Told<typeof moveLine>

const madeMove = shape('MadeMove', {
  at: text('When, as ISO 8601.'),
  topic: text('Name of the topic.'),
  partition: number('Index of the partition.'),
  from: nullable(number('Who led it; null: nobody did.')),
  to: number('Who leads it since.'),
  why: text('`drain`, `balance`, `death` or `request`.'),
  pauseMs: nullable(number('How long requests waited at the broker that gave it away; null: that was dead.')),
})

const clusterPage = shape('Cluster', {
  clusterId: text('The same on every broker.'),
  self: one(selfPart, 'The broker that answers.'),
  brokers: list(one(brokerLine, 'All that are here.')),
  moves: list(one(moveLine, 'Partitions that change hands, or are going to.')),
  lastMoves: list(
    one(madeMove, 'Partitions that this broker gave to others: the last 1,000 of them, the newest last.'),
  ),
})
/** What one broker knows of itself and of the others. */
export type ClusterPage = Told<typeof clusterPage>

export const describeCluster = route(
  {
    name: 'GET /api/cluster',
    about: 'What this broker knows of itself, of the others, and of partitions that change hands.',
    rights: { needs: 'DESCRIBE CLUSTER', anonymous: 'all' },
    answer: clusterPage,
    live: { view: 'cluster', everyMs: 2000, rows: rowsOf },
  },
  ({ services }) => pageOfCluster(services),
)

/** The broker itself, each broker, each move. */
function* rowsOf({ clusterId, self, brokers, moves }: ClusterPage): Iterable<[string, unknown]> {
  yield ['cluster', { clusterId, self }]
  for (const broker of brokers) yield [`broker ${broker.id}`, broker]
  for (const move of moves) yield [`move ${move.topic}/${move.partition}`, move]
}

function pageOfCluster({ cluster, catalog }: BrokerServices): ClusterPage {
  const { image, brokerId, isServing, leaseAgeMs, moves, counts } = cluster
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
    lastMoves: counts.lastMoves.map(({ at, ...move }) => ({ at: new Date(at).toISOString(), ...move })),
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
