import type { Clock } from '@rivven/runtime'

/** Longer ones than 24 days are not told from ever. */
const longestTimer = 2 ** 31 - 1

/** Wakes whoever waits for something to happen. What rings while nobody waits is remembered for the next one. */
export class Bell {
  readonly #clock: Clock
  #wake: (() => void) | null = null
  #rung = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    if (this.#wake) this.#wake()
    else this.#rung = true
  }

  /** Resolves when the bell rings or `ms` milliseconds have passed. One waits at a time. */
  wait(ms: number): Promise<void> {
    if (this.#rung) {
      this.#rung = false
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      const wake = () => {
        timer?.cancel()
        this.#wake = null
        resolve()
      }
      const timer = ms > longestTimer ? null : this.#clock.setTimer(ms, wake)
      this.#wake = wake
    })
  }
}
