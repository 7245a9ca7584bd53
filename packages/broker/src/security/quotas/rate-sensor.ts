/** Samples that count, the one that is being filled included, and how long each is: Kafka's defaults. */
export const SAMPLES = 11
const SAMPLE_MS = 1000
/** What is counted is taken to have come in no less time than this: a burst may be as large as so much time can carry. */
export const LEAST_MS = (SAMPLES - 1) * SAMPLE_MS

/** Counts what comes, and knows for how long nothing may come so that it was no more than a rate allows (KIP-13). */
export class RateSensor {
  readonly #samples = new Float64Array(SAMPLES)
  /** The number of the sample that was filled last, counted from the clock's beginning. */
  #newest = Number.NEGATIVE_INFINITY

  /** `now` as the clock's monotonic time has it, in ms, and never before what it was. */
  record(amount: number, now: number): void {
    const place = placeOf(this.#moveTo(now))
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
    for (let sample = newest; sample > newest - SAMPLES; sample--) {
      const amount = this.#samples[placeOf(sample)] ?? 0
      if (amount > 0) oldest = sample
      total += amount
    }
    const withinMs = Math.max(now - oldest * SAMPLE_MS, LEAST_MS)
    return Math.max(0, (total / rate) * 1000 - withinMs)
  }

  /** Empties the samples since the last one. */
  #moveTo(now: number): number {
    const sample = Math.floor(now / SAMPLE_MS)
    if (sample - this.#newest >= SAMPLES) this.#samples.fill(0)
    else for (let passed = this.#newest + 1; passed <= sample; passed++) this.#samples[placeOf(passed)] = 0
    this.#newest = Math.max(this.#newest, sample)
    return this.#newest
  }
}

function placeOf(sample: number): number {
  return ((sample % SAMPLES) + SAMPLES) % SAMPLES
}
