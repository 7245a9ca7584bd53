import { Buckets } from '../../buckets.js'

/** A histogram of the last minutes: of the present window and the one before. */
export class RecentBuckets {
  readonly #bounds: readonly number[]
  readonly #windowMs: number
  #since = Number.NEGATIVE_INFINITY
  #now: Buckets
  #before: Buckets

  constructor(bounds: readonly number[], windowMs: number) {
    this.#bounds = bounds
    this.#windowMs = windowMs
    this.#now = new Buckets(bounds)
    this.#before = this.#now
  }

  /** `at`: monotonic. */
  add(value: number, at: number): void {
    this.#turn(at)
    this.#now.add(value)
  }

  /** At most that; Infinity where it is beyond all bounds, null where there is nothing. */
  quantile(share: number, at: number): number | null {
    this.#turn(at)
    const both = this.#now === this.#before ? [this.#now] : [this.#now, this.#before]
    const count = both.reduce((sum, buckets) => sum + buckets.count, 0)
    if (count === 0) return null
    let below = 0
    for (const [index, bound] of this.#bounds.entries()) {
      for (const { counts } of both) below += counts[index]!
      if (below >= count * share) return bound
    }
    return Number.POSITIVE_INFINITY
  }

  #turn(at: number): void {
    const passed = at - this.#since
    if (passed < this.#windowMs) return
    this.#before = passed < 2 * this.#windowMs ? this.#now : new Buckets(this.#bounds)
    this.#now = new Buckets(this.#bounds)
    this.#since = at
  }
}
