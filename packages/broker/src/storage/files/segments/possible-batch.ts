// Hot path: every batch that is read passes here.
import { BATCH_HEADER_SIZE, batchBaseOffset, batchLeaderEpoch, batchMagic, batchNextOffset } from '@rivven/protocol'

/** What may stand where a batch begins: its size, offset and epoch are under no checksum. */
export interface Expectation {
  /** No batch begins before this offset. */
  expected: number
  /** The batch here begins just with it. */
  isExact: boolean
  readonly maxOffset: number
  readonly maxEpoch: number
}

/** Whether the head at `at` can be that of the batch that is expected. */
export function isPossibleBatch(bytes: Buffer, at: number, size: number, place: Expectation): boolean {
  if (size < BATCH_HEADER_SIZE || batchMagic(bytes, at) !== 2) return false
  const base = batchBaseOffset(bytes, at)
  const next = batchNextOffset(bytes, at)
  if (place.isExact && base !== place.expected) return false
  if (base < place.expected || next <= base || next > place.maxOffset) return false
  const epoch = batchLeaderEpoch(bytes, at)
  return epoch >= 0 && epoch <= place.maxEpoch
}
