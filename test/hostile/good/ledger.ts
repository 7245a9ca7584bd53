/** What was acknowledged, and what came, by partition and number. */
export class Ledger {
  /** Records that were acknowledged. */
  acknowledged = 0
  /** Different ones that came. */
  seen = 0
  twice = 0
  /** Those that came behind a later one of their partition. */
  outOfOrder = 0
  readonly #awaited = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #last = new Map<number, number>()

  sent(partition: number, sequence: number): void {
    this.acknowledged++
    const record = `${partition}:${sequence}`
    if (!this.#seen.has(record)) this.#awaited.add(record)
  }

  read(partition: number, sequence: number): void {
    const record = `${partition}:${sequence}`
    if (this.#seen.has(record)) {
      this.twice++
      return
    }
    this.#seen.add(record)
    this.#awaited.delete(record)
    this.seen++
    if (sequence < (this.#last.get(partition) ?? -1)) this.outOfOrder++
    else this.#last.set(partition, sequence)
  }

  /** Acknowledged records that have not come yet. */
  get missing(): number {
    return this.#awaited.size
  }
}
