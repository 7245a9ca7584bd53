import { BATCH_HEADER_SIZE, batchAttributes, batchLastOffsetDelta, batchRecordCount } from '@rivven/protocol'

/** A record has no fewer bytes. */
const SMALLEST_RECORD = 7
const COMPRESSION_BITS = 7

/**
 * How many offsets a damaged batch of this size has had, as its own header says; undefined where that makes no sense. A
 * batch has as many records as offsets, and each takes some bytes: one number speaks for the other.
 */
export function claimedOffsets(batch: Buffer, size: number): number | undefined {
  const isCompressed = (batchAttributes(batch) & COMPRESSION_BITS) !== 0
  const most = isCompressed ? size * 1000 : (size - BATCH_HEADER_SIZE) / SMALLEST_RECORD
  const counts = [batchLastOffsetDelta(batch) + 1, batchRecordCount(batch)].filter((n) => n >= 1 && n <= most)
  return counts.length === 0 ? undefined : Math.max(...counts)
}
