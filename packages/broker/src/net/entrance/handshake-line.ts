import type { Clock } from '@rivven/runtime'
import { inTurn } from '../../breath.js'
import { Pace } from './pace.js'

/** Handshakes that were held up by other work are made up for, up to so many. */
const BURST = 10

/**
 * Handshakes of a listener, which cost the event loop a millisecond and more each: so many a second, and one in a turn of the
 * event loop at most, behind all requests that have come. Who knocks cannot hold up those who are in.
 */
export class HandshakeLine<Waiter> {
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #shake: (waiter: Waiter) => void
  readonly #line = new Set<Waiter>()
  #isMoving = false

  constructor(clock: Clock, perSecond: number, shake: (waiter: Waiter) => void) {
    this.#clock = clock
    this.#pace = new Pace(perSecond, Math.min(BURST, perSecond))
    this.#shake = shake
  }

  get length(): number {
    return this.#line.size
  }

  get oldest(): Waiter | undefined {
    const [first] = this.#line
    return first
  }

  add(waiter: Waiter): void {
    this.#line.add(waiter)
    this.#move()
  }

  leave(waiter: Waiter): void {
    this.#line.delete(waiter)
  }

  #move(): void {
    if (this.#isMoving || this.#line.size === 0) return
    this.#isMoving = true
    const waitMs = this.#pace.waitMs(this.#clock.monotonic())
    if (waitMs > 0) this.#clock.setTimer(Math.ceil(waitMs), () => this.#queue())
    else this.#queue()
  }

  #queue(): void {
    inTurn(this.#clock, () => {
      this.#isMoving = false
      const next = this.oldest
      if (next === undefined) return
      this.#line.delete(next)
      this.#pace.take(this.#clock.monotonic())
      this.#shake(next)
      this.#move()
    })
  }
}
