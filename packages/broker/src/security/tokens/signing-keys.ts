import type { Clock } from '@rivven/runtime'

/**
 * What finds the key of a token: a JWTVerifyGetKey of `jose`, which `jwt-check` calls. Those who `require` us cannot read the
 * types of a package of ES modules.
 */
export type KeyLookup = (...asked: never[]) => Promise<unknown>

/** No keys could be had so far: nobody's token can be checked. */
export class NoKeysError extends Error {
  constructor() {
    super('the keys that tokens are signed with cannot be had at the moment')
  }
}

/** Not sooner they are asked for again, whatever tokens name: ids of keys are easily made up. */
const leastBetweenMs = 30_000

export interface SigningKeysParts {
  readonly load: () => Promise<KeyLookup>
  readonly refreshMs: number
  readonly clock: Pick<Clock, 'monotonic'>
  readonly onTrouble: (error: Error) => void
}

/**
 * The keys that tokens are signed with, read when they are first needed, when they are old, and when a token names one that is
 * not there. `jose` has the like for an address, but asks anew for each token while there is no answer, and takes none while
 * a renewal fails.
 */
export class SigningKeys {
  readonly #parts: SigningKeysParts
  #keys: KeyLookup | undefined
  #asking: Promise<void> | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #readAt = Number.NEGATIVE_INFINITY

  constructor(parts: SigningKeysParts) {
    this.#parts = parts
  }

  /** Reads them before the first token comes. Rejects with what stands in the way. */
  async begin(): Promise<void> {
    this.#askedAt = this.#parts.clock.monotonic()
    await this.#read()
  }

  /** The same without waiting for it. */
  prepare(): void {
    void this.#ask()
  }

  /** Old ones do until there are new ones. Rejects with NoKeysError. */
  async current(): Promise<KeyLookup> {
    const { clock, refreshMs } = this.#parts
    const isOld = clock.monotonic() - this.#readAt >= refreshMs
    const asking = this.#keys && !isOld ? undefined : this.#ask()
    if (!this.#keys) await asking
    return this.#known()
  }

  /** Others than those, if it is not too soon to ask for some. Rejects with NoKeysError. */
  async newerThan(keys: KeyLookup): Promise<KeyLookup> {
    if (this.#keys === keys) await this.#ask()
    return this.#known()
  }

  #known(): KeyLookup {
    if (this.#keys) return this.#keys
    throw new NoKeysError()
  }

  #ask(): Promise<void> {
    const now = this.#parts.clock.monotonic()
    if (this.#asking || now - this.#askedAt < leastBetweenMs) return this.#asking ?? Promise.resolve()
    this.#askedAt = now
    this.#asking = this.#load()
    return this.#asking
  }

  async #load(): Promise<void> {
    try {
      await this.#read()
    } catch (error) {
      this.#parts.onTrouble(error as Error)
    } finally {
      this.#asking = undefined
    }
  }

  async #read(): Promise<void> {
    this.#keys = await this.#parts.load()
    this.#readAt = this.#parts.clock.monotonic()
  }
}
