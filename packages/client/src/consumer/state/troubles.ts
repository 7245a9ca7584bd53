import { NoBrokerReachableError, type RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'

/** Work that goes on in the background and that may fail without anybody waiting for it. */
export type Work = 'fetch' | 'join' | 'positions' | 'metadata' | 'commit'

interface Trouble {
  error: RivvenError
  /** Beginning of the first attempt that failed, or when it was last told. */
  since: number
  /** The error that it had when poll last threw. */
  told?: RivvenError
}

/**
 * What went wrong in the background. Errors that pass by themselves are kept back for a while; poll throws them when
 * they last, so that a consumer that cannot work never just returns nothing.
 */
export class Troubles {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #lasting = new Map<Work, Trouble>()
  #error: RivvenError | null = null

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock
    this.#patienceMs = patienceMs
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
    const due = [...this.#lasting.values()].find((trouble) => this.#isDue(trouble, now))
    if (!due) return
    for (const trouble of this.#lasting.values()) trouble.told = trouble.error
    due.since = now
    throw due.error
  }

  /** A cluster that was never reached has a wrong address, more likely than an outage, and was waited for already. */
  #isDue({ error, told, since }: Trouble, now: number): boolean {
    const wasWaitedFor = error instanceof NoBrokerReachableError && error.facts.wasReached === false
    return wasWaitedFor ? error !== told : now - since >= this.#patienceMs
  }
}
