import { holdsText } from '@rivven/protocol'
import { Breath } from '../../breath.js'
import { boolean, int, long, oneOf, optional, text } from '../../config/setting.js'
import type { PartitionLog } from '../../log/partition-log.js'
import type { Given } from '../parameters.js'
import { placeOfPartition } from '../places.js'
import { Problem } from '../problem.js'
import { route, type Visitor } from '../route.js'
import { unknownTopic } from '../topics/one-topic.js'
import { newestRecords } from './newest-records.js'
import { type Scanned, type ScanOptions, scan } from './record-scan.js'
import { type RecordPage, type RecordRow, recordPage, type Stopped } from './record-shapes.js'
import { ScanBudget } from './scan-budget.js'

const query = {
  partition: optional(int(0, 'Only this partition; default: all.', { min: 0 })),
  offset: optional(long(0, 'From this offset on.', { min: 0 })),
  timestamp: optional(long(0, 'From the first record on that has this time or a later one.', { min: 0 })),
  newest: optional(int(0, 'The last so many; the default, with `limit`.', { min: 1, max: 500 })),
  from: text('', 'Where to go on: what `next` of the answer before says, `partition:offset` with commas between.'),
  search: text('', 'Only records with this text in their key, value or headers.'),
  isolation: oneOf(
    ['read_committed', 'read_uncommitted'],
    'read_committed',
    'read_uncommitted: records of open transactions, too, and all behind them.',
  ),
  show: boolean(false, 'Records of aborted transactions and markers, too?'),
  limit: int(100, 'Most records.', { min: 1, max: 500 }),
}
type Query = Given<typeof query>

export const listRecords = route(
  {
    name: 'GET /api/topics/:topic/records',
    about:
      'Records of a topic. One call looks at 50,000 records, 64 MiB or 5 s of them, tells 4 MiB, and says where it stopped. Four are answered at a time.',
    rights: { needs: 'READ TOPIC' },
    query,
    answer: recordPage,
    at: ({ services, path, query: { partition } }) =>
      partition === undefined ? 'everywhere' : placeOfPartition(services, path.topic ?? '', partition),
    merge: merged,
  },
  async (visitor) => {
    const { services, path, query } = visitor
    const { topic: name = '' } = path
    const topic = services.catalog.topic(name)
    if (!topic) return unknownTopic(name)
    const { partition } = query
    if (partition !== undefined && partition >= topic.partitionCount)
      return new Problem('PARTITION_NOT_FOUND', `${name} has no partition ${partition}.`)
    return readFor(visitor, () => read(visitor))
  },
)

/** As few at a time as may be, where contents are shown at all. */
export async function readFor<Answer>(
  { services }: Visitor,
  read: () => Promise<Answer | Problem>,
): Promise<Answer | Problem> {
  if (services.config.http_records === 'off')
    return new Problem('RECORDS_OFF', 'This broker shows no contents of records.')
  return (await services.recordReads.run(read)) ?? new Problem('TOO_MANY_READS', 'Four others are reading records.')
}

async function read(visitor: Visitor<Query>): Promise<RecordPage | Problem> {
  const { services, query } = visitor
  const { clock } = services.runtime
  const budget = new ScanBudget(clock)
  const starts = await startsOf(visitor)
  if (starts instanceof Problem) return starts
  const options = (log: PartitionLog): ScanOptions => ({
    ...{ log, budget, breath: new Breath(clock), showsAll: query.show, isWanted: holdsText(query.search) },
    isUncommitted: query.isolation === 'read_uncommitted',
  })
  const share = Math.max(1, Math.floor(query.limit / Math.max(1, starts.length)))
  const rows: RecordRow[] = []
  const rest: string[] = []
  for (const { log, offset } of starts) {
    const limit = starts.length === 1 ? query.limit : share
    const found = await (offset === null
      ? newestRecords(options(log), Math.min(limit, query.newest ?? limit))
      : scanFrom(options(log), offset, limit))
    if (found instanceof Problem) return found
    rows.push(...found.rows)
    if (offset !== null && found.next < endOf(log, query)) rest.push(`${log.partition}:${found.next}`)
  }
  if (starts.length > 1) rows.sort((a, b) => a.timestamp - b.timestamp)
  const stopped: Stopped = budget.spent ?? (rest.length > 0 ? 'limit' : 'end')
  const { scanned, unreadable } = budget
  return { records: rows, next: rest.join() || null, scanned, stopped, unreadable, missing: [] }
}

async function scanFrom(options: ScanOptions, from: number, limit: number): Promise<Scanned | Problem> {
  // Where nothing more may be read, the next call goes on here.
  if (options.budget.spent !== undefined) return { rows: [], next: from }
  return scan(options, { from, to: Number.POSITIVE_INFINITY, limit })
}

function endOf({ highWatermark, lastStableOffset }: PartitionLog, { isolation }: Query): number {
  return isolation === 'read_uncommitted' ? highWatermark : lastStableOffset
}

interface Start {
  readonly log: PartitionLog
  /** Null: the newest are asked for. */
  readonly offset: number | null
}

/** Of which partitions, of those that are led here, it is read, and from where on. */
async function startsOf({ services, path, query }: Visitor<Query>): Promise<Start[] | Problem> {
  const { topic = '' } = path
  const { partition, offset, timestamp, newest, from } = query
  const ways = [offset, timestamp, newest, from || undefined].filter((way) => way !== undefined)
  if (ways.length > 1)
    return new Problem('INVALID_PARAMETER', 'Of offset, timestamp, newest and from one can be given.')
  if (offset !== undefined && partition === undefined)
    return new Problem('INVALID_PARAMETER', 'An offset is one of a partition: name it.', { parameter: 'partition' })
  const given = from === '' ? undefined : offsetsIn(from)
  if (given instanceof Problem) return given
  const count = services.catalog.topic(topic)?.partitionCount ?? 0
  const starts: Start[] = []
  for (let index = 0; index < count; index++) {
    const isAsked = (partition ?? index) === index && (!given || given.has(index))
    const log = isAsked ? services.partitions.log(topic, index) : undefined
    if (!log) continue
    const byTime = timestamp === undefined ? undefined : await log.offsetForTimestamp(timestamp)
    const atTime = timestamp === undefined ? null : (byTime?.offset ?? log.highWatermark)
    starts.push({ log, offset: offset ?? given?.get(index) ?? atTime })
  }
  return starts
}

function offsetsIn(text: string): ReadonlyMap<number, number> | Problem {
  const pairs = text.split(',').map((pair) => /^(\d{1,9}):(\d{1,15})$/.exec(pair))
  if (pairs.includes(null))
    return new Problem('INVALID_PARAMETER', 'from is not what `next` of an answer says.', { parameter: 'from' })
  return new Map(pairs.map((pair) => [Number(pair?.[1]), Number(pair?.[2])]))
}

const order: readonly Stopped[] = ['end', 'limit', 'records', 'bytes', 'time']

/** Each broker reads what it leads; `limit` is that of each. */
function merged(parts: readonly RecordPage[], _: unknown, missing: readonly number[]): RecordPage {
  const sum = (of: 'scanned' | 'unreadable') => parts.reduce((total, part) => total + part[of], 0)
  const stops = parts.map(({ stopped }) => order.indexOf(stopped))
  return {
    records: parts.flatMap(({ records }) => records).sort((a, b) => a.timestamp - b.timestamp),
    next: parts.flatMap(({ next }) => next ?? []).join() || null,
    scanned: sum('scanned'),
    stopped: order[Math.max(...stops)] ?? 'end',
    unreadable: sum('unreadable'),
    missing,
  }
}
