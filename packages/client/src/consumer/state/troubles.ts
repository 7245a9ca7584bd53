import type { Clock } from '@rivven/runtime'
import { NoBrokerReachableError, type RivvenError } from '../../errors.js'

/** Work that goes on in the background and that may fail without anybody waiting for it. */
export type Work = 'fetch' | 'join' | 'positions' | 'metadata' | 'commit'

/** For how long troubles may last, in milliseconds. */
interface Patience {
  readonly requestTimeoutMs: number
  /** For a cluster that was never reached. */
  readonly unreachableTimeoutMs: number
}

interface Trouble {
  error: RivvenError
  /** Beginning of the first attempt that failed, or when it was last told. */
  since: number
}

/**
 * What went wrong in the background. Errors that pass by themselves are kept back for a while; poll throws them when
 * they last, so that a consumer that cannot work never just returns nothing.
 */
export class Troubles {
  readonly #clock: Clock
  readonly #patience: Patience
  readonly #lasting = new Map<Work, Trouble>()
  #error: RivvenError | null = null

  constructor(clock: Clock, patience: Patience) {
    this.#clock = clock
    this.#patience = patience
  }

  /** The next poll throws this. */
  report(error: RivvenError): void {
    this.#error ??= error
  }

  /** Something failed that will be tried again; `startedAt` (monotonic) is when this attempt began. */
  failed(work: Work, error: RivvenError, startedAt: number): void {
    const trouble = this.#lasting.get(work)
    if (trouble) trouble.error = error
    else this.#lasting.set(work, { error, since: startedAt })
  }

  isWell(work: Work): void {
    this.#lasting.delete(work)
  }

  /** What fails at present, if something does. */
  get present(): RivvenError | null {
    const [lasting] = this.#lasting.values()
    return this.#error ?? lasting?.error ?? null
  }

  throwIfDue(): void {
    const error = this.#error
    this.#error = null
    if (error) throw error
    if (this.#lasting.size === 0) return
    const now = this.#clock.monotonic()
    for (const trouble of this.#lasting.values()) {
      if (now - trouble.since < this.#patienceWith(trouble.error)) continue
      trouble.since = now
      throw trouble.error
    }
  }
  /** A cluster that was never reached has a wrong address, more likely than an outage. */
  #patienceWith(error: RivvenError): number {
    const { requestTimeoutMs, unreachableTimeoutMs } = this.#patience
    const isFirst = error instanceof NoBrokerReachableError && error.facts.wasReached === false
    return isFirst ? Math.min(unreachableTimeoutMs, requestTimeoutMs) : requestTimeoutMs
  }
}
