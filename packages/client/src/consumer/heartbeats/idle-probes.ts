import type { Clock, Timer } from '@rivven/runtime'

const firstMs = 50

/**
 * A member without partitions fetches nothing, so nothing hints at a rebalance; and a newcomer to a cooperative group has
 * none until the others have given up theirs, a moment later. Some heartbeats soon after the assignment, each after twice
 * the time, learn of it.
 */
export class IdleProbes {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #probe: () => void
  #timer: Timer | null = null

  /** None later than `intervalMs` after the one before: ordinary heartbeats are as good. */
  constructor(clock: Clock, intervalMs: number, probe: () => void) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#probe = probe
  }

  start(): void {
    this.stop()
    this.#next(firstMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #next(delayMs: number): void {
    if (delayMs >= this.#intervalMs) return
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#probe()
      this.#next(delayMs * 2)
    })
  }
}
