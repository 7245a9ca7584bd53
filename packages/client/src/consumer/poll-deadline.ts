import type { Clock, Timer } from '@rivven/runtime'

/** Notices when the application does not come back to poll for too long (max.poll.interval.ms). */
export class PollDeadline {
  readonly #clock: Clock
  readonly #maxMs: number
  readonly #onOverdue: () => void
  #lastPollAt = 0
  #isPolling = false
  #timer: Timer | null = null

  constructor(clock: Clock, maxMs: number, onOverdue: () => void) {
    this.#clock = clock
    this.#maxMs = maxMs
    this.#onOverdue = onOverdue
  }

  /** Poll begins; while it lasts nothing is overdue. */
  enter(): void {
    this.#isPolling = true
  }

  leave(now: number): void {
    this.#isPolling = false
    this.#lastPollAt = now
  }

  /** Watches from now on. */
  start(): void {
    this.#lastPollAt = this.#clock.monotonic()
    if (!this.#timer) this.#checkIn(this.#maxMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #checkIn(delayMs: number): void {
    this.#timer = this.#clock.setTimer(delayMs, () => {
      const left = this.#isPolling ? this.#maxMs : this.#lastPollAt + this.#maxMs - this.#clock.monotonic()
      this.#timer = null
      if (left > 0) this.#checkIn(left)
      else this.#onOverdue()
    })
  }
}
