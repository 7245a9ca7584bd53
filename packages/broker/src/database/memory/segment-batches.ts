import type { NewBatch } from '../log-tables.js'

/** The batches of one segment by their last offsets, which are its key: none is there twice. */
export class SegmentBatches {
  #rows: NewBatch[] = []
  bytes = 0

  copy(): SegmentBatches {
    const copy = new SegmentBatches()
    copy.#rows = [...this.#rows]
    copy.bytes = this.bytes
    return copy
  }

  has(lastOffset: number): boolean {
    return this.#rows[this.#indexOf(lastOffset)]?.lastOffset === lastOffset
  }

  add(row: NewBatch): void {
    this.#rows.splice(this.#indexOf(row.lastOffset), 0, row)
    this.bytes += row.payload.length
  }

  /** Those that end at or after `offset`. */
  *from(offset: number): Generator<NewBatch, undefined, undefined> {
    for (let index = this.#indexOf(offset); index < this.#rows.length; index++) yield this.#rows[index]!
  }

  /** Where the first one lies that ends at or after `offset`. */
  #indexOf(offset: number): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#rows[middle]!.lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
