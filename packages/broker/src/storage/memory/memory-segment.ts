import { batchBaseOffset } from '@rivven/protocol'
import { frameBuffers, inOwnMemory } from '../../frame-buffers.js'
import { SegmentFacts } from '../segment-facts.js'

/** The batches of one segment, each in the memory it was appended in. */
export class MemorySegment extends SegmentFacts {
  readonly batches: Buffer[] = []

  append(batch: Buffer, now: number): void {
    this.noteBatch(batch, batch.length)
    this.modifiedAt = now
    const kept = inOwnMemory(batch)
    frameBuffers.keep(kept)
    this.batches.push(kept)
  }

  /** Index of the batch that holds `offset`, or of the next one after a gap. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (batchBaseOffset(this.batches[middle]!) <= offset) low = middle + 1
      else high = middle
    }
    if (low === 0) return 0
    const before = this.batches[low - 1]!
    return batchBaseOffset(before) + before.readInt32BE(23) >= offset ? low - 1 : low
  }
}
