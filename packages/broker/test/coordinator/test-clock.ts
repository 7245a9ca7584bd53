import type { Clock, Timer } from '@rivven/runtime'

interface Due {
  at: number
  callback: () => void
}

/** A clock that moves by hand. Timers of 0 fire in the next turn of the event loop, as real ones do. */
export class TestClock implements Clock {
  #now = 1_000
  readonly #timers = new Set<Due>()

  now(): number {
    return 1_700_000_000_000 + this.#now
  }

  monotonic(): number {
    return this.#now
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    if (delayMs <= 0) {
      const immediate = setImmediate(callback)
      return { cancel: () => clearImmediate(immediate) }
    }
    const due = { at: this.#now + delayMs, callback }
    this.#timers.add(due)
    return { cancel: () => this.#timers.delete(due) }
  }

  /** Moves time on; timers fire in their order, and everything settles after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settled()
    }
    this.#now = end
    await settled()
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time on where nothing is due. */
  pass(ms: number): void {
    this.#now += ms
  }

  /** The event loop stands still: time passes, then every timer that is due fires at once. */
  async stall(ms: number): Promise<void> {
    this.#now += ms
    for (const due of [...this.#timers].sort((a, b) => a.at - b.at)) {
      if (due.at > this.#now || !this.#timers.delete(due)) continue
      due.callback()
    }
    await settled()
  }
}

/** Lets everything that needs no clock run to its end. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 8; turns++) await new Promise(setImmediate)
}
