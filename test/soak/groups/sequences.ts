/** The numbers of one topic's records as one group has read them, by partition; it holds no more after hours than at first. */
export class Sequences {
  /** Records that came for the first time. */
  seen = 0
  twice = 0
  /** Numbers that were passed over: they are lost, or come out of order, and then as `twice`. */
  skipped = 0
  readonly #next = new Map<number, number>()

  read(partition: number, sequence: number): void {
    const next = this.next(partition)
    if (sequence < next) {
      this.twice++
      return
    }
    this.skipped += sequence - next
    this.seen++
    this.#next.set(partition, sequence + 1)
  }

  /** What is awaited. */
  next(partition: number): number {
    return this.#next.get(partition) ?? 0
  }
}
