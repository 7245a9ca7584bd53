/** One aborted transaction with data in this partition. */
export interface AbortedTransaction {
  producerId: number
  firstOffset: number
  /** Of its marker. */
  lastOffset: number
  /** What was stable when the marker came: no later entry begins before it. */
  lastStableOffset: number
}

/** The aborted transactions of one partition, in the order of their markers (data-plane.md §9.5). */
export class AbortedTransactions {
  private entries: AbortedTransaction[] = []

  get all(): readonly AbortedTransaction[] {
    return this.entries
  }

  add(entry: AbortedTransaction): void {
    this.entries.push(entry)
  }

  /** Those with data or marker in [fromOffset, toOffset), by first offset. */
  overlapping(fromOffset: number, toOffset: number): { producerId: number; firstOffset: number }[] {
    const found: { producerId: number; firstOffset: number }[] = []
    for (let index = this.firstEndingFrom(fromOffset); index < this.entries.length; index++) {
      const { producerId, firstOffset, lastStableOffset } = this.entries[index]!
      if (firstOffset < toOffset) found.push({ producerId, firstOffset })
      if (lastStableOffset >= toOffset) break
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Is the batch at this offset one of an aborted transaction of its producer? */
  has(producerId: number, offset: number): boolean {
    for (let index = this.firstEndingFrom(offset); index < this.entries.length; index++) {
      const entry = this.entries[index]!
      if (entry.producerId === producerId && entry.firstOffset <= offset) return true
      if (entry.lastStableOffset > offset) return false
    }
    return false
  }

  /** Forgets what ended before the log begins. */
  dropBefore(logStartOffset: number): void {
    const kept = this.firstEndingFrom(logStartOffset)
    if (kept > 0) this.entries = this.entries.slice(kept)
  }

  clear(): void {
    this.entries = []
  }

  private firstEndingFrom(offset: number): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.entries[middle]!.lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
