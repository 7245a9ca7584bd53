// Hot path: one entry a produced batch; a queue with a head index, as Array#shift moves everything behind it.

/** Answers that wait until the log has come to an offset, in the order of their offsets. */
export class OffsetWaiters<T> {
  private offsets: number[] = []
  private waiters: T[] = []
  private head = 0

  get isEmpty(): boolean {
    return this.head === this.offsets.length
  }

  add(offset: number, waiter: T): void {
    this.offsets.push(offset)
    this.waiters.push(waiter)
  }

  /** Takes out the next one that waited for `offset` or less; a repeated batch may stand behind later ones. */
  take(offset: number): T | undefined {
    if (this.head === this.offsets.length || this.offsets[this.head]! > offset) return undefined
    const waiter = this.waiters[this.head++]!
    if (this.head === this.offsets.length) this.clear()
    return waiter
  }

  private clear(): void {
    this.offsets = []
    this.waiters = []
    this.head = 0
  }
}
