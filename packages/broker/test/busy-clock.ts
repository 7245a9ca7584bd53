import type { Clock, Timer } from '@rivven/runtime'

/** Every look at it takes a millisecond; a timer fires at once, and counts as a turn of others. */
export class BusyClock implements Clock {
  turns = 0
  #time = 0

  now(): number {
    return this.#time
  }

  monotonic(): number {
    return ++this.#time
  }

  setTimer(_delayMs: number, callback: () => void): Timer {
    this.turns += 1
    const timer = setImmediate(callback)
    return { cancel: () => clearImmediate(timer) }
  }
}
