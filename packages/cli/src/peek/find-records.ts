import type { Admin, TopicPartition } from '@rivven/client'
import { holdsText } from '@rivven/protocol'
import { Failure } from '../failure.js'
import { inOrder, type PeekedRecord, peekedRecord } from './peeked-record.js'
import type { PlaceToPeek } from './place-to-peek.js'
import type { Range, RangeReader } from './range-reader.js'

export interface Asked {
  readonly places: readonly TopicPartition[]
  readonly place: PlaceToPeek
  readonly limit: number
  readonly search: string
  readonly isolationLevel: 'read_committed' | 'read_uncommitted'
}

export interface Found {
  readonly records: readonly PeekedRecord[]
  /** What there is to be read of each partition, as far as it is known now. */
  readonly bounds: readonly Range[]
  /** Where it would have been looked on, had there been no end of it. */
  readonly unread: readonly Range[]
}

/** The wanted records of partitions, as many as are asked for. */
export async function findRecords(admin: Admin, reader: RangeReader, asked: Asked): Promise<Found> {
  const bounds = await boundsOf(admin, asked)
  const { place } = asked
  const { records, unread } =
    place.kind === 'newest'
      ? await newest(reader, bounds, asked)
      : await onward(reader, await beginningsOf(admin, bounds, place), asked)
  return { records, bounds, unread }
}

type Looked = Pick<Found, 'records' | 'unread'>

async function boundsOf(admin: Admin, { places, isolationLevel }: Asked): Promise<Range[]> {
  const [begins, ends] = await Promise.all([
    admin.listOffsets(places.map((place) => ({ ...place, timestamp: 'earliest' as const }))),
    admin.listOffsets(
      places.map((place) => ({ ...place, timestamp: 'latest' as const })),
      { isolationLevel },
    ),
  ])
  return places.map((place, at) => ({ ...place, from: begins[at]!.offset, to: ends[at]!.offset }))
}

/** The first records from there on. */
async function onward(reader: RangeReader, ranges: readonly Range[], { limit, search }: Asked): Promise<Looked> {
  const byPartition = new Map<number, PeekedRecord[]>(ranges.map(({ partition }) => [partition, []]))
  const isWanted = holdsText(search)
  const unread = await reader.read(ranges, (record) => {
    const found = byPartition.get(record.partition)!
    if (isWanted(record)) found.push(peekedRecord(record))
    return found.length >= limit
  })
  return { records: inOrder([...byPartition.values()].flat()).slice(0, limit), unread }
}

async function beginningsOf(
  admin: Admin,
  bounds: readonly Range[],
  place: Exclude<PlaceToPeek, { kind: 'newest' }>,
): Promise<Range[]> {
  if (place.kind === 'offset') return bounds.map((range) => ({ ...range, from: withinBounds(range, place.offset) }))
  const queries = bounds.map(({ topic, partition }) => ({ topic, partition, timestamp: Math.max(0, place.at) }))
  const found = await admin.listOffsets(queries)
  return bounds.map((range, at) => ({ ...range, from: found[at]!.offset < 0 ? range.to : found[at]!.offset }))
}

/** Who names an offset means it. */
function withinBounds({ topic, partition, from, to }: Range, offset: number): number {
  if (offset >= from && offset <= to) return offset
  throw new Failure(
    'absent',
    `${topic}/${partition} has no offset ${offset}: what can be read goes from ${from} to ${to}.`,
  )
}

/**
 * The last records there are. How far back the first of them lies at most, offsets tell; that it is further, markers, gaps and a
 * search may: so it is looked further back, twice as far each time, where a partition has too few.
 */
async function newest(reader: RangeReader, bounds: readonly Range[], { limit, search }: Asked): Promise<Looked> {
  const byPartition = new Map<number, PeekedRecord[]>(bounds.map(({ partition }) => [partition, []]))
  const isWanted = holdsText(search)
  let unread: Range[] = []
  let open = [...bounds]
  for (let width = search === '' ? limit : searchWidth; open.length > 0 && unread.length === 0; width *= 2) {
    const windows = open.map((range) => ({ ...range, from: Math.max(range.from, range.to - width) }))
    const older = new Map<number, PeekedRecord[]>(windows.map(({ partition }) => [partition, []]))
    unread = await reader.read(windows, (record) => {
      if (isWanted(record)) older.get(record.partition)!.push(peekedRecord(record))
      return false
    })
    for (const [partition, records] of older) byPartition.set(partition, [...records, ...byPartition.get(partition)!])
    open = open
      .map((range, at) => ({ ...range, to: windows[at]!.from }))
      .filter(({ partition, from, to }) => from < to && byPartition.get(partition)!.length < limit)
  }
  return { records: inOrder([...byPartition.values()].flat()).slice(-limit), unread }
}

/** Where a text is looked for, few records at a time would take many rounds. */
const searchWidth = 1_000
