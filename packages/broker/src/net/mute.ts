import type { Clock, Timer } from '@rivven/runtime'

/**
 * The silence of a connection whose client is above its quota (KIP-219): nothing that it asks begins. It is read for as long
 * as there is room for requests that wait, so that a peer that goes is noticed.
 */
export class Mute {
  readonly #clock: Clock
  readonly #onEnd: () => void
  #until = 0
  #timer: Timer | undefined
  #isOver = false

  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock
    this.#onEnd = onEnd
  }

  get isOn(): boolean {
    return this.#timer !== undefined
  }

  /** A monotonic time; one that has passed changes nothing. */
  lastUntil(time: number): void {
    this.#until = Math.max(this.#until, time)
    if (!this.#isOver && !this.#timer && this.#leftMs > 0) this.#wait()
  }

  /** For good. */
  end(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  get #leftMs(): number {
    return this.#until - this.#clock.monotonic()
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(Math.ceil(this.#leftMs), () => {
      this.#timer = undefined
      if (this.#leftMs > 0) this.#wait()
      else this.#onEnd()
    })
  }
}
