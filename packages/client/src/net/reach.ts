import type { Logger } from '@rivven/link'
import { NoBrokerReachableError, type RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'

/** Whether any broker can be reached at present. Who waits for calls sees nothing of it, so the logger is told at once. */
export class Reach {
  readonly #clock: Clock
  readonly #logger: Logger
  #wasReached = false
  #trouble: RivvenError | null = null
  #lostAt = 0
  readonly #partings = new Set<(error: RivvenError) => void>()

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** This client has spoken with the cluster before. */
  get wasReached(): boolean {
    return this.#wasReached
  }

  /** Why nobody can be reached; null: somebody was, as far as is known. */
  get trouble(): RivvenError | null {
    return this.#trouble
  }

  reached(address: string): void {
    if (this.#trouble && !isEnd(this.#trouble)) {
      const seconds = Math.round((this.#clock.monotonic() - this.#lostAt) / 1000)
      this.#logger.warn(`The broker at ${address} can be reached, after ${seconds} s without any.`, { address })
    }
    this.#wasReached = true
    this.#trouble = null
  }

  /** The end of `work`; rejects as soon as somebody was looked for and nobody found. */
  whileReached<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#partings.add(reject)
      work.then(resolve, reject).finally(() => this.#partings.delete(reject))
    })
  }

  /** All were tried in vain. Told once, until somebody is reached; what ends the call, its caller is told. */
  nobody(error: RivvenError): void {
    const isNews = this.#trouble === null || isEnd(this.#trouble)
    if (isNews) this.#lostAt = this.#clock.monotonic()
    this.#trouble = error
    if (isNews && !isEnd(error)) this.#logger.warn(`${error.message} It is tried again.`, error.facts)
    for (const giveUp of this.#partings) giveUp(error)
  }
}

function isEnd(error: RivvenError): boolean {
  return error instanceof NoBrokerReachableError
}
