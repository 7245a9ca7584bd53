// Hot path: `add` runs for every append.
import { frameBuffers, inOwnMemory } from '../../../frame-buffers.js'

/** More bytes than these are flushed where they lie: writing them twice would cost more than a flush saves. */
const MAX_BYTES = 32_768

/** The newest batches of a partition that its files may not have durably, as long as they are small. */
export class FreshBatches {
  private batches: Buffer[] = []
  private ends: number[] = []
  private bytes = 0
  /** From this offset on they are all here. */
  private completeFrom: number

  constructor(endOffset: number) {
    this.completeFrom = endOffset
  }

  add(batch: Buffer, nextOffset: number): void {
    this.bytes += batch.length
    if (this.bytes > MAX_BYTES) {
      this.batches = []
      this.ends = []
      this.bytes = 0
      this.completeFrom = nextOffset
    } else {
      const kept = inOwnMemory(batch)
      frameBuffers.keep(kept)
      this.batches.push(kept)
      this.ends.push(nextOffset)
    }
  }

  /** Takes away the batches in [from, to); undefined if they are not all here. */
  take(from: number, to: number): Buffer[] | undefined {
    if (this.completeFrom > from) return undefined
    let count = 0
    while (count < this.ends.length && this.ends[count]! <= to) this.bytes -= this.batches[count++]!.length
    this.ends.splice(0, count)
    return this.batches.splice(0, count)
  }
}
