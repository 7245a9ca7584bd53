import { batchBaseOffset, batchMaxTimestamp, batchNextOffset } from '@rivven/protocol'
import type { SegmentInfo } from './storage.js'

/** What is known of a segment, kept up as batches are added. */
export class SegmentFacts implements SegmentInfo {
  readonly baseOffset: number
  nextOffset: number
  size = 0
  firstTimestamp = -1
  maxTimestamp = -1
  maxTimestampOffset = -1
  createdAt: number
  modifiedAt: number

  constructor(baseOffset: number, now: number) {
    this.baseOffset = baseOffset
    this.nextOffset = baseOffset
    this.createdAt = now
    this.modifiedAt = now
  }

  /** Takes in the batch at `at`, which has `size` bytes. */
  add(bytes: Buffer, at: number, size: number, now: number): void {
    const timestamp = batchMaxTimestamp(bytes, at)
    if (this.size === 0) this.firstTimestamp = timestamp
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp
      this.maxTimestampOffset = batchBaseOffset(bytes, at)
    }
    this.size += size
    this.nextOffset = batchNextOffset(bytes, at)
    this.modifiedAt = now
  }
}
