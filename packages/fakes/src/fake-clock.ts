import type { Clock, Timer } from '@rivven/runtime'
import { settle } from './settle.js'

/** Time that only moves when a test moves it. */
export class FakeClock implements Clock {
  #now = 0
  #timers: { at: number; callback: () => void }[] = []

  now(): number {
    return 1_700_000_000_000 + this.#now
  }

  monotonic(): number {
    return this.#now
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback }
    this.#timers.push(timer)
    return { cancel: () => this.#remove(timer) }
  }

  get pending(): number {
    return this.#timers.length
  }

  /** Moves time on, firing timers in their order and letting everything settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const next = this.#timers.reduce<{ at: number; callback: () => void } | null>(
        (first, timer) => (first === null || timer.at < first.at ? timer : first),
        null,
      )
      if (next === null || next.at > end) break
      this.#remove(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settle()
    }
    this.#now = end
  }

  /** Moves time on until the promise has settled. */
  async until<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    promise.then(end, end)
    const deadline = this.#now + limitMs
    await settle()
    while (!settled && this.#now < deadline) await this.advance(this.#untilNext())
    if (!settled) throw new Error(`not settled after ${limitMs} ms`)
    return promise
  }

  #untilNext(): number {
    const next = Math.min(...this.#timers.map(({ at }) => at))
    return Number.isFinite(next) ? Math.max(0, next - this.#now) : 1000
  }

  #remove(timer: { at: number }): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }
}
