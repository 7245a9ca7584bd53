import { batchBaseOffset, batchLastOffset, batchMaxTimestamp } from '@rivven/protocol'
import { SegmentFacts } from '../segment-facts.js'
import type { StoredRange } from '../storage.js'

/** Batches of one segment, in order. */
export class MemorySegment extends SegmentFacts {
  readonly batches: Buffer[] = []

  append(batch: Buffer, now: number): void {
    this.add(batch, 0, batch.length, now)
    this.batches.push(batch)
  }

  /** Adds batches to `buffers` as far as the range allows; returns how many bytes. False `isFirst`: some are there already. */
  collect(range: StoredRange, maxBytes: number, buffers: Buffer[]): { size: number; isFull: boolean } {
    let size = 0
    for (let index = this.indexOf(range.offset); index < this.batches.length; index++) {
      const batch = this.batches[index]!
      if (batchBaseOffset(batch) >= range.endOffset) return { size, isFull: true }
      const mustHave = range.atLeastOne && buffers.length === 0
      if (size + batch.length > maxBytes && !mustHave) return { size, isFull: true }
      buffers.push(batch)
      size += batch.length
    }
    return { size, isFull: false }
  }

  /** Base offset of the first batch that has a timestamp at or after this one. */
  offsetBefore(timestamp: number): number | undefined {
    const batch = this.batches.find((candidate) => batchMaxTimestamp(candidate) >= timestamp)
    return batch && batchBaseOffset(batch)
  }

  /** Where the batch lies that holds this offset, or the next one. */
  private indexOf(offset: number): number {
    let low = 0
    let high = this.batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (batchLastOffset(this.batches[middle]!) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
