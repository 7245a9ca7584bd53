import { type QuotaWindow, usualWindow } from './quota-window.js'

/** What is lost where many small numbers are added up. */
const tolerance = 1e-9

/** What may be taken a second, with what was left of the last seconds; one that is not empty gives more than it has (KIP-599). */
export class TokenBucket {
  readonly #savedSeconds: number
  #tokens = Number.POSITIVE_INFINITY
  #filledAt = 0

  /** It saves what comes in all of the window. */
  constructor({ samples, sampleMs }: QuotaWindow = usualWindow) {
    this.#savedSeconds = (samples * sampleMs) / 1000
  }

  /** False, and nothing is taken, where less than nothing is left. `rate` a second; `now` in ms, monotonic. */
  take(count: number, rate: number, now: number): boolean {
    if (this.#fill(rate, now) < -tolerance) return false
    this.#tokens -= count
    return true
  }

  /** Takes them in any case. */
  owe(count: number, rate: number, now: number): void {
    this.#tokens = this.#fill(rate, now) - count
  }

  /** In how many ms something may be taken. */
  delayMs(rate: number, now: number): number {
    return Math.max(0, (-this.#fill(rate, now) / rate) * 1000)
  }

  #fill(rate: number, now: number): number {
    this.#tokens = Math.min(this.#savedSeconds * rate, this.#tokens + ((now - this.#filledAt) / 1000) * rate)
    this.#filledAt = now
    return this.#tokens
  }
}
