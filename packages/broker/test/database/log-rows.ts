import type { Database, Term } from '../../src/database/database.js'
import type { Flush, FlushBatch, SegmentRow } from '../../src/database/log-tables.js'
import type { PartitionRow } from '../../src/database/metadata.js'
import { createTopic, register } from './implementations.js'

/** A partition that broker 1 leads, and the chunk of its class. */
export async function ledPartition(
  database: Database,
): Promise<{ partition: PartitionRow; term: Term; chunk: number }> {
  await register(database, 1)
  const [partition] = await createTopic(database, 'orders', [1])
  const { chunks } = await database.metadata.changesSince(0)
  const chunk = chunks.find(({ keep, isClosed }) => keep === '10d' && !isClosed)!.chunk
  return { partition: partition!, term: termOf(partition!), chunk }
}

export function termOf({ partId, epoch }: PartitionRow): Term {
  return { partId, epoch }
}

/** One record in a batch, as far as tables know batches. */
export function batch(
  segmentId: number,
  offset: number,
  text = `${segmentId}/${offset}`,
  timestamp = offset,
): FlushBatch {
  return { segmentId, baseOffset: offset, lastOffset: offset, maxTimestamp: timestamp, payload: Buffer.from(text) }
}

export function segment({ partId }: Term, chunk: number, segmentId: number, baseOffset: number): SegmentRow {
  return {
    ...{ segmentId, chunk, partId, baseOffset, nextOffset: baseOffset, size: 0, batches: 0, largest: 0 },
    ...{ firstTimestamp: -1, maxTimestamp: -1, maxTimestampOffset: baseOffset, createdAt: 1, modifiedAt: 1 },
  }
}

/** Batches of one partition; with them its segment begins, or not. */
export function flush(term: Term, chunk: number, batches: readonly FlushBatch[], begins = false): Flush {
  const first = batches[0]!
  const begun = begins ? [segment(term, chunk, first.segmentId, first.baseOffset)] : []
  return { chunk, parts: [{ term, begun, batches }] }
}

/** What a segment holds, as text. */
export async function textsOf(database: Database, row: SegmentRow, fromOffset = 0): Promise<string[]> {
  const found = await database.logs.read(row, { fromOffset, maxBytes: 1_000_000 })
  return found.map((payload) => payload.toString())
}
