import type { Clock, Timer } from '@rivven/runtime'

const never = Number.POSITIVE_INFINITY
const stallMs = 200
const readSocketsMs = 50

/**
 * One timer for all groups of a shard. Renewed sessions only move deadlines later and never touch it: then it wakes too
 * early, and its owner looks for the next deadline.
 */
export class ShardTimer {
  readonly #clock: Clock
  readonly #wake: () => void
  #timer: Timer | undefined
  #wakeAt = never

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /** Wakes at this monotonic time at the latest (Infinity: whenever it would have). */
  atLatest(deadline: number): void {
    if (deadline < this.#wakeAt) this.set(deadline)
  }

  /** Wakes at this monotonic time, and not before (Infinity: never). */
  set(deadline: number): void {
    this.cancel()
    if (deadline === never) return
    this.#wakeAt = deadline
    const delayMs = Math.max(0, deadline - this.#clock.monotonic())
    this.#timer = this.#clock.setTimer(delayMs, () => this.#fired(deadline))
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#wakeAt = never
  }

  /**
   * A timer that fires late means that the event loop stood still: heartbeats may lie unread in their sockets, and their
   * members must not be expired before these are read.
   */
  #fired(deadline: number): void {
    if (this.#clock.monotonic() - deadline < stallMs) this.#end()
    else this.#timer = this.#clock.setTimer(readSocketsMs, () => this.#end())
  }

  #end(): void {
    this.#wakeAt = never
    this.#wake()
  }
}
