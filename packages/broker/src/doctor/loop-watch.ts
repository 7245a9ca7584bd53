import type { LoopFact } from '@rivven/doctor'
import type { Clock, LoopMeter } from '@rivven/runtime'
import { median } from '../median.js'

interface Window {
  /** Wall milliseconds. */
  readonly from: number
  readonly to: number
  readonly p99Ms: number
  readonly maxMs: number
}

const keptMs = 300_000
/** What is shorter ends no session. */
const stallMs = 1_000
/** What is known after less is how the broker started. */
const leastMs = 60_000
/** Somebody who asks again and again must not cut time into nothing. */
const shortestMs = 1_000

/** For how long this broker's own event loop kept everybody waiting, over the last five minutes. */
export class LoopWatch {
  readonly #clock: Clock
  readonly #meter: LoopMeter
  /** Oldest first. */
  readonly #windows: Window[] = []
  #since: number

  constructor(clock: Clock, meter: LoopMeter) {
    this.#clock = clock
    this.#meter = meter
    this.#since = clock.now()
  }

  /** To be called every few seconds: what is seen in between is told as one. */
  sample(): void {
    const now = this.#clock.now()
    if (now - this.#since < shortestMs) return
    this.#windows.push({ from: this.#since, to: now, ...this.#meter.take() })
    this.#since = now
    while ((this.#windows[0]?.to ?? now) < now - keptMs) this.#windows.shift()
  }

  fact(): LoopFact {
    this.sample()
    return {
      // One slow moment is no slow broker.
      p99Ms: this.#watchedMs() < leastMs ? 0 : Math.round(median(this.#windows.map(({ p99Ms }) => p99Ms)) ?? 0),
      stalls: this.#windows
        .filter(({ maxMs }) => maxMs >= stallMs)
        .map(({ from, to, maxMs }) => ({ from, to, ms: Math.round(maxMs) })),
    }
  }

  #watchedMs(): number {
    return (this.#windows.at(-1)?.to ?? 0) - (this.#windows[0]?.from ?? 0)
  }

  close(): void {
    this.#meter.close()
  }
}
