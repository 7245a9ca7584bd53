import type { Admin, TopicDescription } from '@rivven/client'
import { type BrokerPage, type BrokerState, clusterPageOf, ledBy } from '../cluster/cluster-page.js'
import type { CommandContext } from '../context.js'
import { type Column, type Row, renderRows, renderValue, table } from '../text/output.js'
import { counted } from '../text/words.js'

const columns: Column[] = [
  { field: 'broker', title: 'BROKER' },
  { field: 'address', title: 'ADDRESS' },
  { field: 'rack', title: 'RACK' },
  { field: 'state', title: 'STATE' },
  { field: 'lease', title: 'LEASE' },
  { field: 'partitions', title: 'PARTITIONS' },
  { field: 'coordinates', title: 'COORDINATES' },
  { field: 'version', title: 'VERSION' },
]

const leaderColumns: Column[] = [
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'leader', title: 'LEADER' },
  { field: 'leaderEpoch', title: 'EPOCH' },
]

const moveColumns: Column[] = [
  { field: 'at', title: 'TIME' },
  { field: 'topic', title: 'TOPIC' },
  { field: 'partition', title: 'PARTITION' },
  { field: 'from', title: 'FROM' },
  { field: 'to', title: 'TO' },
  { field: 'why', title: 'REASON' },
  { field: 'pause', title: 'PAUSE' },
]

export interface DescribeClusterOptions {
  readonly leaders?: boolean
  readonly moves?: boolean
}

export async function describeCluster(context: CommandContext, shown: DescribeClusterOptions): Promise<void> {
  const admin = await context.admin()
  const topics = await admin.listTopics()
  const { output, terminal } = context
  if (shown.leaders) return terminal.out(renderRows(output, leaderColumns, topics.flatMap(leaderRows)))
  const { clusterId, brokers } = await admin.describeCluster()
  const pages = await pagesOf(
    admin,
    brokers.map(({ id }) => id),
  )
  if (shown.moves) return terminal.out(renderRows(output, moveColumns, moveRows([...pages.values()])))
  const rows = brokers
    .map(({ id, host, port, rack }) => rowOf({ id, address: `${host}:${port}`, rack }, pages.get(id), topics))
    .sort((a, b) => Number(a.broker) - Number(b.broker))
  const moves = [...pages.values()].find(({ self }) => self.state !== 'not serving')?.moves ?? []
  if (output === 'json' || output === 'yaml')
    return terminal.out(renderValue(output, { clusterId, brokers: rows, moves }))
  if (output === 'csv' || output === 'ndjson') return terminal.out(renderRows(output, columns, rows))
  const ended = moves.length === 0 ? '' : `${movesText(moves)}\n`
  terminal.out(`Cluster: ${clusterId ?? '-'}\n${table(columns, rows)}${ended}`)
}

/** What each broker says of itself; nothing of those that do not answer, and of Kafka's. */
async function pagesOf(admin: Admin, brokers: readonly number[]): Promise<Map<number, BrokerPage>> {
  const pages = await Promise.all(brokers.map((broker) => clusterPageOf(admin, broker)))
  return new Map(brokers.flatMap((broker, at) => (pages[at] ? [[broker, pages[at]] as const] : [])))
}

interface Place {
  readonly id: number
  readonly address: string
  readonly rack: string | null
}

function rowOf({ id, address, rack }: Place, page: BrokerPage | undefined, topics: readonly TopicDescription[]): Row {
  const { state, leaseAgeMs, version }: BrokerState = page?.self ?? { state: null, leaseAgeMs: null, version: null }
  const lease = leaseAgeMs === null ? null : `${Math.round(leaseAgeMs)} ms`
  return { broker: id, address, rack, state, lease, ...ledBy(topics, id), version }
}

function leaderRows({ name: topic, partitions }: TopicDescription): Row[] {
  return partitions.map(({ partition, leader, leaderEpoch }) => ({
    topic,
    partition,
    leader: leader < 0 ? null : leader,
    leaderEpoch,
  }))
}

/** What all brokers have moved, the newest last. */
function moveRows(pages: readonly BrokerPage[]): Row[] {
  const moves = pages.flatMap(({ lastMoves = [] }) => lastMoves)
  return moves
    .sort((one, other) => (one.at < other.at ? -1 : 1))
    .map(({ pauseMs, ...move }) => ({ ...move, pause: pauseMs === null ? null : `${Math.round(pauseMs)} ms` }))
}

const reasons: Readonly<Record<string, (brokers: string) => string>> = {
  drain: (brokers) => `${brokers} being drained`,
  balance: () => 'for balance',
  death: (brokers) => `${brokers} gone`,
  request: () => 'as it was asked for',
}

function movesText(moves: BrokerPage['moves']): string {
  const whys = [...new Set(moves.map(({ why }) => why))].map((why) => {
    const from = [...new Set(moves.filter((move) => move.why === why).map((move) => move.from))]
    const brokers = `${from.length === 1 ? 'broker' : 'brokers'} ${from.join(', ')} ${from.length === 1 ? 'is' : 'are'}`
    return reasons[why]?.(brokers) ?? why
  })
  return `Moves: ${counted(moves.length, 'partition')} to be handed over (${whys.join('; ')})`
}
