import type { FoundOffset } from '@rivven/client'
import type { PeekedRecord } from './peeked-record.js'
import type { Range, RangeReader } from './range-reader.js'

/**
 * Says of records that were read whatever became of their transactions which of them count: those that a reader of committed
 * records gets as well. No broker marks them in what it answers.
 */
export async function withMarks(
  records: readonly PeekedRecord[],
  stableEnds: readonly FoundOffset[],
  committed: RangeReader,
): Promise<PeekedRecord[]> {
  const ends = new Map(stableEnds.map(({ partition, offset }) => [partition, offset]))
  const counting = new Set<string>()
  const unread = await committed.read(rangesOf(records, ends), ({ partition, offset }) => {
    counting.add(`${partition} ${offset}`)
    return false
  })
  const unreadFrom = new Map(unread.map(({ partition, from }) => [partition, from]))
  return records.map((record): PeekedRecord => {
    const { partition, offset } = record
    if (offset >= (ends.get(partition) ?? 0)) return { ...record, mark: 'open' }
    if (counting.has(`${partition} ${offset}`)) return { ...record, mark: null }
    return {
      ...record,
      mark: offset >= (unreadFrom.get(partition) ?? Number.POSITIVE_INFINITY) ? 'unknown' : 'aborted',
    }
  })
}

/** From the first to the last of them in each partition, as far as it is decided. */
function rangesOf(records: readonly PeekedRecord[], ends: ReadonlyMap<number, number>): Range[] {
  const ranges = new Map<number, Range>()
  for (const { topic, partition, offset } of records) {
    const { from = offset, to = offset } = ranges.get(partition) ?? {}
    const behind = Math.min(Math.max(to, offset + 1), ends.get(partition) ?? 0)
    ranges.set(partition, { topic, partition, from: Math.min(from, offset), to: behind })
  }
  return [...ranges.values()]
}
