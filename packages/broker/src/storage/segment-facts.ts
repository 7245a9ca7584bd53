// Hot path: `noteBatch` runs for every append.
import { batchBaseOffset, batchMaxTimestamp, batchNextOffset } from '@rivven/protocol'
import type { SegmentInfo } from './storage.js'

/** What is told of a segment where it is stored. */
export type StoredFacts = Omit<SegmentInfo, 'isDamaged'>

/** What is known of a segment without reading it. */
export class SegmentFacts implements SegmentInfo {
  readonly baseOffset: number
  nextOffset: number
  size = 0
  firstTimestamp = -1
  maxTimestamp = -1
  maxTimestampOffset: number
  createdAt: number
  modifiedAt: number

  constructor(baseOffset: number, now: number) {
    this.baseOffset = baseOffset
    this.nextOffset = baseOffset
    this.maxTimestampOffset = baseOffset
    this.createdAt = now
    this.modifiedAt = now
  }

  get isDamaged(): boolean {
    return false
  }

  /** Takes in the next batch of the segment. */
  noteBatch(batch: Buffer, size: number, at = 0): void {
    const timestamp = batchMaxTimestamp(batch, at)
    if (this.size === 0) this.firstTimestamp = timestamp
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp
      this.maxTimestampOffset = batchBaseOffset(batch, at)
    }
    this.nextOffset = batchNextOffset(batch, at)
    this.size += size
  }

  /** Stands for others, of which it has what is left: what it holds came when that of the others came. */
  takeTimesOf(replaced: readonly SegmentInfo[]): void {
    this.createdAt = Math.min(this.createdAt, ...replaced.map(({ createdAt }) => createdAt))
    this.modifiedAt = Math.max(...replaced.map(({ modifiedAt }) => modifiedAt))
  }

  /** Knows what was stored of it; `baseOffset` stays its own. */
  takeFacts(stored: StoredFacts): void {
    this.nextOffset = stored.nextOffset
    this.size = stored.size
    this.firstTimestamp = stored.firstTimestamp
    this.maxTimestamp = stored.maxTimestamp
    this.maxTimestampOffset = stored.maxTimestampOffset
    this.createdAt = stored.createdAt
    this.modifiedAt = stored.modifiedAt
  }
}
