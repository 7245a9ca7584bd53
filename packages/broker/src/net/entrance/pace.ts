/** So many a second: after a pause some may come at once. */
export class Pace {
  readonly #everyMs: number
  readonly #burst: number
  /** When the next one would be due if all came evenly. */
  #nextAt = Number.NEGATIVE_INFINITY

  /** `burst`: how many may come at once. */
  constructor(perSecond: number, burst: number) {
    this.#everyMs = 1_000 / perSecond
    this.#burst = burst
  }

  /** How long the next one has to wait, in ms; 0: it may come. */
  waitMs(now: number): number {
    return Math.max(0, this.#nextAt - (this.#burst - 1) * this.#everyMs - now)
  }

  /** One comes. */
  take(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now) + this.#everyMs
  }
}
