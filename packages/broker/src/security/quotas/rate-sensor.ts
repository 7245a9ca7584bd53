import { burstMs, type QuotaWindow, usualWindow } from './quota-window.js'

/** Counts what comes, and knows for how long nothing may come so that it was no more than a rate allows (KIP-13). */
export class RateSensor {
  readonly #sampleMs: number
  readonly #burstMs: number
  readonly #samples: Float64Array
  /** The number of the sample that was filled last, counted from the clock's beginning. */
  #newest = Number.NEGATIVE_INFINITY

  constructor(window: QuotaWindow = usualWindow) {
    this.#sampleMs = window.sampleMs
    this.#burstMs = burstMs(window)
    this.#samples = new Float64Array(window.samples)
  }

  /** `now` as the clock's monotonic time has it, in ms, and never before what it was. */
  record(amount: number, now: number): void {
    const place = this.#placeOf(this.#moveTo(now))
    this.#samples[place] = (this.#samples[place] ?? 0) + amount
  }

  /** Has nothing been counted lately? */
  isEmpty(now: number): boolean {
    this.#moveTo(now)
    return this.#samples.every((amount) => amount === 0)
  }

  /** By how many ms what was counted, and `more`, is ahead of a rate a second; 0 where it is not. */
  delayMs(rate: number, now: number, more = 0): number {
    const newest = this.#moveTo(now)
    let total = more
    let oldest = newest
    for (let sample = newest; sample > newest - this.#samples.length; sample--) {
      const amount = this.#samples[this.#placeOf(sample)] ?? 0
      if (amount > 0) oldest = sample
      total += amount
    }
    const withinMs = Math.max(now - oldest * this.#sampleMs, this.#burstMs)
    return Math.max(0, (total / rate) * 1000 - withinMs)
  }

  /** Empties the samples since the last one. */
  #moveTo(now: number): number {
    const sample = Math.floor(now / this.#sampleMs)
    if (sample - this.#newest >= this.#samples.length) this.#samples.fill(0)
    else for (let passed = this.#newest + 1; passed <= sample; passed++) this.#samples[this.#placeOf(passed)] = 0
    this.#newest = Math.max(this.#newest, sample)
    return this.#newest
  }

  #placeOf(sample: number): number {
    const { length } = this.#samples
    return ((sample % length) + length) % length
  }
}
