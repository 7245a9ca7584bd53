import type { Clock } from '@rivven/runtime'
import type { Logger } from '../logger.js'

export interface ThrottleParts {
  clock: Clock
  /** Told once of a pause that no broker gets. */
  logger: Logger
  /** The broker's address. */
  where: string
  /** Brokers ask for a second or so; this is all that one gets, in milliseconds. */
  mostMs: number
}

/** For how long a broker asked not to be sent anything (KIP-219), within reason. */
export class Throttle {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #where: string
  readonly #mostMs: number
  #until = 0
  #hasWarned = false

  constructor({ clock, logger, where, mostMs }: ThrottleParts) {
    this.#clock = clock
    this.#logger = logger
    this.#where = where
    this.#mostMs = mostMs
  }

  /** Milliseconds that are left; 0: none. */
  get leftMs(): number {
    return Math.max(0, this.#until - this.#clock.monotonic())
  }

  /** Takes the throttle time of an answer. */
  take(ms: number): void {
    if (ms <= 0) return
    if (ms > this.#mostMs) this.#warn(ms)
    this.#until = this.#clock.monotonic() + Math.min(ms, this.#mostMs)
  }

  #warn(ms: number): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const text = `The broker at ${this.#where} asks for a pause of ${ms} ms. It gets ${this.#mostMs} ms (requestTimeoutMs) at a time.`
    this.#logger.warn(text, { address: this.#where })
  }
}
