import { Pauses } from '@rivven/link'
import type { Clock, Random, Timer } from '@rivven/runtime'

export interface HeartbeatLoopParts {
  clock: Clock
  random: Random
  intervalMs: number
  retryBackoffMs: number
  maxRetryBackoffMs: number
  /** Sends one heartbeat; rejects when it should be tried again soon. */
  beat(): Promise<void>
}

/** However many hints come, heartbeats begin no closer to each other than this. */
const closestMs = 50

/** When to send the next heartbeat. */
export class HeartbeatLoop {
  readonly #parts: HeartbeatLoopParts
  #timer: Timer | null = null
  #isRunning = false
  #isBeating = false
  #isWantedSoon = false
  #beganAt = Number.NEGATIVE_INFINITY
  readonly #pauses: Pauses

  constructor(parts: HeartbeatLoopParts) {
    this.#parts = parts
    const { clock, random, retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = parts
    this.#pauses = new Pauses({ clock, random, backoffMs, maxBackoffMs })
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#pauses.end()
    this.#next(this.#parts.intervalMs)
  }

  stop(): void {
    this.#isRunning = false
    this.#isWantedSoon = false
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Sends one at once, or as soon as the present one is answered. */
  soon(): void {
    if (!this.#isRunning || this.#isWantedSoon) return
    this.#isWantedSoon = true
    if (!this.#isBeating) this.#next(this.#untilNextMayBegin())
  }

  #next(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.setTimer(delayMs, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    if (this.#isBeating) return
    const { clock, intervalMs, beat } = this.#parts
    this.#isBeating = true
    this.#isWantedSoon = false
    this.#beganAt = clock.monotonic()
    let delay: number
    try {
      await beat()
      this.#pauses.end()
      delay = Math.max(1, this.#beganAt + intervalMs - clock.monotonic())
    } catch (error) {
      // What went wrong is told where it is looked at; here it only means: sooner than usual.
      delay = Math.min(intervalMs, this.#pauses.after(error))
    }
    this.#isBeating = false
    if (this.#isWantedSoon) delay = Math.min(delay, this.#untilNextMayBegin())
    if (this.#isRunning) this.#next(delay)
  }

  #untilNextMayBegin(): number {
    return Math.max(0, this.#beganAt + closestMs - this.#parts.clock.monotonic())
  }
}
