import type { Clock } from '@rivven/runtime'

/** The longest that a page works at a stretch: heartbeats and fetches of all clients wait meanwhile. */
const longestStretchMs = 4

/** Parts long work into stretches, between which others have their turn. */
export class Breath {
  readonly #clock: Clock
  #since: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.monotonic()
  }

  get isDue(): boolean {
    return this.#clock.monotonic() - this.#since >= longestStretchMs
  }

  async take(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.setTimer(0, resolve))
    this.#since = this.#clock.monotonic()
  }
}
