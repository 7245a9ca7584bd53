/**
 * How often something happened within the last while. Three numbers: what was counted before the present window counts by the
 * share of it that the last while still covers.
 */
export class Tally {
  readonly #windowMs: number
  #since = Number.NEGATIVE_INFINITY
  #count = 0
  #before = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Times are monotonic. */
  add(now: number, count = 1): void {
    this.#turn(now)
    this.#count += count
  }

  /** Within the window that ends now. */
  of(now: number): number {
    this.#turn(now)
    return this.#count + this.#before * Math.max(0, 1 - (now - this.#since) / this.#windowMs)
  }

  perSecond(now: number): number {
    return (this.of(now) * 1_000) / this.#windowMs
  }

  #turn(now: number): void {
    const passed = now - this.#since
    if (passed < this.#windowMs) return
    this.#before = passed < 2 * this.#windowMs ? this.#count : 0
    this.#count = 0
    this.#since = passed < 2 * this.#windowMs ? this.#since + this.#windowMs : now
  }
}
