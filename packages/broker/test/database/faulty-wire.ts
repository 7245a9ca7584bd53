import { UnavailableError, UnknownOutcomeError } from '../../src/database/database-error.js'
import type { Wire } from '../../src/database/memory/wire.js'

/**
 * What may happen to a call. 'away': it is not done. 'unheard': it is lost on its way. 'unanswered': its answer is. 'late': nobody waits for it
 * any more when it arrives.
 */
export type Fault = 'away' | 'unheard' | 'unanswered' | 'late'

/** A wire that does to each call what it is told; others arrive at once. */
export class FaultyWire implements Wire {
  /** All calls that have left, by name. */
  readonly calls: string[] = []
  readonly #late: (() => unknown)[] = []
  readonly #faults = new Map<string, Fault[]>()
  #held: Promise<void> | undefined

  /** What happens to the next calls of this name. */
  next(call: string, ...faults: Fault[]): void {
    this.#faults.set(call, [...(this.#faults.get(call) ?? []), ...faults])
  }

  /** Calls that leave from now on arrive when the answer is called. */
  hold(): () => void {
    const { promise, resolve } = withResolver()
    this.#held = promise
    return () => {
      this.#held = undefined
      resolve()
    }
  }

  /** Calls that leave from now on are not held. */
  letPass(): void {
    this.#held = undefined
  }

  /** What was late arrives. */
  arriveLate(): void {
    for (const arrive of this.#late.splice(0)) arrive()
  }

  async carry<Answer>(call: string, arrive: () => Answer): Promise<Answer> {
    this.calls.push(call)
    await this.#held
    switch (this.#faults.get(call)?.shift()) {
      case undefined:
        return arrive()
      case 'away':
        throw new UnavailableError('away')
      case 'unanswered':
        arrive()
        throw new UnknownOutcomeError('unanswered')
      case 'late':
        this.#late.push(arrive)
        throw new UnknownOutcomeError('late')
      case 'unheard':
        throw new UnknownOutcomeError('unheard')
    }
  }

  tell(arrive: () => void): void {
    queueMicrotask(arrive)
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
