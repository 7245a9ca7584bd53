/** How values spread: counts up to bounds, as Prometheus has them. */
export interface Distribution {
  count: number
  sum: number
  max: number
  /** How many were at most `le`; above the last one is the rest of `count`. */
  buckets: { le: number; count: number }[]
}

/** From below what a broker needs to what nobody waits for. */
const boundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000]

/** Gathers durations, in milliseconds. */
export class Durations {
  readonly #counts = new Array<number>(boundsMs.length).fill(0)
  #count = 0
  #sum = 0
  #max = 0

  add(ms: number): void {
    this.#count++
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
    for (let at = 0; at < boundsMs.length; at++) {
      if (ms > boundsMs[at]!) continue
      this.#counts[at]!++
      return
    }
  }

  get soFar(): Distribution {
    let below = 0
    const buckets = boundsMs.map((le, at) => {
      below += this.#counts[at]!
      return { le, count: below }
    })
    return { count: this.#count, sum: this.#sum, max: this.#max, buckets }
  }
}
