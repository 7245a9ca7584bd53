import type { Clock, Random, Timer } from '@rivven/runtime'
import { backoff } from '../net/retry.js'

export interface HeartbeatParts {
  clock: Clock
  random: Random
  intervalMs: number
  retryBackoffMs: number
  maxRetryBackoffMs: number
  /** Sends one heartbeat; rejects when it should be tried again soon. */
  beat(): Promise<void>
}

/** The loop that keeps a member alive, whatever poll and the application do meanwhile. */
export class Heartbeats {
  readonly #parts: HeartbeatParts
  #timer: Timer | null = null
  #isRunning = false
  #isBeating = false
  #failures = 0

  constructor(parts: HeartbeatParts) {
    this.#parts = parts
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#failures = 0
    this.#next(this.#parts.intervalMs)
  }

  stop(): void {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timer = null
  }

  #next(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.setTimer(delayMs, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return
    this.#isBeating = true
    const { clock, intervalMs, beat } = this.#parts
    const startedAt = clock.monotonic()
    let delay: number
    try {
      await beat()
      this.#failures = 0
      delay = Math.max(1, startedAt + intervalMs - clock.monotonic())
    } catch {
      // What went wrong is told where it is looked at; here it only means: sooner than usual.
      this.#failures++
      delay = Math.min(intervalMs, this.#backoff())
    }
    this.#isBeating = false
    if (this.#isRunning) this.#next(delay)
  }

  #backoff(): number {
    const { random, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = this.#parts
    return backoff(this.#failures, { random, backoffMs, maxBackoffMs })
  }
}
