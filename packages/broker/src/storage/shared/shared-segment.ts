// Hot path: `note` runs for every append.
import type { SegmentPlace, SegmentRow } from '../../database/log-tables.js'
import { SegmentFacts } from '../segment-facts.js'

/** What is known of a segment, and where it lies: nowhere before its first batch is on its way. */
export class SharedSegment extends SegmentFacts {
  place: SegmentPlace | undefined
  batches = 0
  largest = 0
  /** What the database knows of it goes as far as this. */
  notedOffset: number

  constructor(baseOffset: number, now: number) {
    super(baseOffset, now)
    this.notedOffset = baseOffset
  }

  static of(row: SegmentRow): SharedSegment {
    const segment = new SharedSegment(row.baseOffset, row.createdAt)
    segment.place = { segmentId: row.segmentId, chunk: row.chunk }
    segment.takeFacts(row)
    segment.batches = row.batches
    segment.largest = row.largest
    segment.notedOffset = row.nextOffset
    return segment
  }

  /** Takes in the next batch, or its head. */
  note(batch: Buffer, size: number): void {
    this.noteBatch(batch, size)
    this.batches++
    if (size > this.largest) this.largest = size
  }

  /** All that is known of it now, but its place. */
  facts(partId: number): Omit<SegmentRow, keyof SegmentPlace> {
    const { baseOffset, nextOffset, size, batches, largest, createdAt, modifiedAt } = this
    const { firstTimestamp, maxTimestamp, maxTimestampOffset } = this
    const timestamps = { firstTimestamp, maxTimestamp, maxTimestampOffset }
    return { partId, baseOffset, nextOffset, size, batches, largest, ...timestamps, createdAt, modifiedAt }
  }
}
