import { burstMs, type QuotaWindow, usualWindow } from './quota-window.js'

/** Counts what comes, and knows for how long nothing may come so that it was no more than a rate allows (KIP-13). */
export class RateSensor {
  readonly #sampleMs: number
  readonly #burstMs: number
  /** No typed array: memory of its own for each of many sensors that clients cause cost 2 µs. */
  readonly #samples: number[]
  /** The number of the sample that was filled last, counted from the clock's beginning. */
  #newest = Number.NEGATIVE_INFINITY
  /** Of all samples, so that what is within a rate costs no look at each. */
  #total = 0

  constructor(window: QuotaWindow = usualWindow) {
    this.#sampleMs = window.sampleMs
    this.#burstMs = burstMs(window)
    this.#samples = new Array<number>(window.samples).fill(0)
  }

  /** `now` as the clock's monotonic time has it, in ms, and never before what it was. */
  record(amount: number, now: number): void {
    const place = this.#placeOf(this.#moveTo(now))
    this.#samples[place] = (this.#samples[place] ?? 0) + amount
    this.#total += amount
  }

  /** Has nothing been counted lately? */
  isEmpty(now: number): boolean {
    this.#moveTo(now)
    return this.#total === 0
  }

  /** By how many ms what was counted, and `more`, is ahead of a rate a second; 0 where it is not. */
  delayMs(rate: number, now: number, more = 0): number {
    this.#moveTo(now)
    const carriedMs = ((this.#total + more) / rate) * 1000
    if (carriedMs <= this.#burstMs) return 0
    return Math.max(0, carriedMs - Math.max(now - this.#oldest * this.#sampleMs, this.#burstMs))
  }

  /** The number of the first sample in which something was counted. */
  get #oldest(): number {
    for (let sample = this.#newest - this.#samples.length + 1; sample < this.#newest; sample++)
      if ((this.#samples[this.#placeOf(sample)] ?? 0) > 0) return sample
    return this.#newest
  }

  /** Empties the samples since the last one. */
  #moveTo(now: number): number {
    const sample = Math.floor(now / this.#sampleMs)
    if (sample <= this.#newest) return this.#newest
    if (sample - this.#newest >= this.#samples.length) this.#samples.fill(0)
    else for (let passed = this.#newest + 1; passed <= sample; passed++) this.#samples[this.#placeOf(passed)] = 0
    this.#newest = sample
    this.#total = this.#samples.reduce((sum, amount) => sum + amount, 0)
    return sample
  }

  #placeOf(sample: number): number {
    const { length } = this.#samples
    return ((sample % length) + length) % length
  }
}
