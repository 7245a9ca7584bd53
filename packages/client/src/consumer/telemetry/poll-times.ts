/** What a window of time has seen of an application that polls. Times in milliseconds. */
export interface PollWindow {
  /** From when a poll returned to when the next one began: a poll that waits for records is no gap (as of maxPollIntervalMs). */
  readonly gaps: Spread
  /** From when a poll returned records to the next poll. */
  readonly handling: Spread
  /** Which share of the window polls took; NaN: nothing was polled. */
  readonly idleRatio: number
  readonly mostRecords: number
  /** Since the last poll returned; 0: one waits. NaN: there was none yet. */
  readonly sincePollMs: number
}

export interface Spread {
  readonly avg: number
  readonly max: number
}

/** How the application polls, in windows of time: a few additions at each poll, none at a record. */
export class PollTimes {
  #windowBegan: number
  #enteredAt = Number.NaN
  #leftAt = Number.NaN
  #hadRecords = false
  #isInside = false
  #inPollsMs = 0
  #mostRecords = 0
  readonly #gaps = new Gathered()
  readonly #handling = new Gathered()

  constructor(now: number) {
    this.#windowBegan = now
  }

  entered(now: number): void {
    if (!Number.isNaN(this.#leftAt)) this.#gaps.add(now - this.#leftAt)
    if (this.#hadRecords) this.#handling.add(now - this.#leftAt)
    this.#enteredAt = now
    this.#hadRecords = false
    this.#isInside = true
  }

  left(now: number, records: number): void {
    this.#inPollsMs += now - Math.max(this.#enteredAt, this.#windowBegan)
    this.#leftAt = now
    this.#hadRecords = records > 0
    this.#isInside = false
    if (records > this.#mostRecords) this.#mostRecords = records
  }

  /** The window since the last call, which begins the next one. */
  take(now: number): PollWindow {
    if (this.#isInside) this.#inPollsMs += now - Math.max(this.#enteredAt, this.#windowBegan)
    const lastedMs = now - this.#windowBegan
    const isKnown = lastedMs > 0 && !Number.isNaN(this.#enteredAt)
    const idleRatio = isKnown ? Math.min(1, this.#inPollsMs / lastedMs) : Number.NaN
    const mostRecords = this.#mostRecords
    this.#windowBegan = now
    this.#inPollsMs = 0
    this.#mostRecords = 0
    return {
      gaps: this.#gaps.take(),
      handling: this.#handling.take(),
      idleRatio,
      mostRecords,
      sincePollMs: this.#isInside ? 0 : now - this.#leftAt,
    }
  }
}

class Gathered {
  #count = 0
  #sum = 0
  #max = 0

  add(ms: number): void {
    this.#count++
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
  }

  /** NaN: there was none. */
  take(): Spread {
    const isAny = this.#count > 0
    const spread = { avg: this.#sum / this.#count, max: isAny ? this.#max : Number.NaN }
    this.#count = 0
    this.#sum = 0
    this.#max = 0
    return spread
  }
}
