/** How long the largest value counts. */
const windowMs = 600_000

/** The last value of a figure, and the largest of ten minutes. Values that no later one has reached are all that is kept. */
export class RecentValues {
  /** The largest first, each with its time: the later ones are smaller. */
  readonly #standing: { readonly at: number; readonly value: number }[] = []
  #last: number

  constructor(value: number, now: number) {
    this.#last = value
    this.add(value, now)
  }

  get last(): number {
    return this.#last
  }

  /** Times are monotonic. */
  add(value: number, now: number): void {
    this.#last = value
    this.#forget(now)
    while ((this.#standing.at(-1)?.value ?? Number.POSITIVE_INFINITY) <= value) this.#standing.pop()
    this.#standing.push({ at: now, value })
  }

  /** Of the values of ten minutes; null: there was none. */
  max(now: number): number | null {
    this.#forget(now)
    return this.#standing[0]?.value ?? null
  }

  #forget(now: number): void {
    while (this.#standing.length > 0 && this.#standing[0]!.at < now - windowMs) this.#standing.shift()
  }
}
