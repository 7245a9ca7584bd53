import type { RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'

/** Takes what it can of its records; true when it is done, false when there is no room for more at present. */
export type Step = () => boolean

interface Waiter {
  step: Step
  deadline: number
  resolve: () => void
  reject: (error: unknown) => void
}

/** Senders that wait, for their topic or for room: first come, first served, so that records keep their order. */
export class WaitingLine {
  readonly #clock: Clock
  #waiters: Waiter[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0
  }

  /** Resolves when `step` is done; rejects when its turn does not come within `timeoutMs`. */
  join(step: Step, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ step, deadline: this.#clock.monotonic() + timeoutMs, resolve, reject })
    })
  }

  /** Lets those in front go on as far as there is room. Whoever makes progress gets no more time for it. */
  advance(): void {
    for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
      try {
        if (!first.step()) return
        first.resolve()
      } catch (error) {
        first.reject(error)
      }
      this.#waiters.shift()
    }
  }

  /** Fails those that have waited too long. */
  expire(now: number, error: () => RivvenError): void {
    const late = this.#waiters.filter((waiter) => waiter.deadline <= now)
    if (late.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => waiter.deadline > now)
    for (const waiter of late) waiter.reject(error())
  }

  failAll(error: RivvenError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }

  /** Resolves when all that wait now have been served or have failed. */
  async served(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.isEmpty) resolve()
      else this.join(() => true, Number.POSITIVE_INFINITY).then(resolve, () => resolve())
    })
  }
}
