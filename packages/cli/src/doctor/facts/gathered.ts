import { RivvenError, SeveralFailedError } from '@rivven/client'
import { type Absences, type Diagnosis, diagnose, type FactName, type Facts } from '@rivven/doctor'

/** Facts as they come, and why some of them cannot be had: one right that is missing is no reason to say nothing. */
export class Gathered {
  #facts: Facts
  readonly #absences: Absences = {}

  constructor(facts: Facts) {
    this.#facts = facts
  }

  get facts(): Facts {
    return this.#facts
  }

  /** Adds what `ask` brings, unless the user may not ask that, or the broker does not know the question. */
  async add<Name extends FactName>(name: Name, ask: () => Promise<Facts[Name]>): Promise<void> {
    try {
      this.#facts = { ...this.#facts, [name]: await ask() }
    } catch (error) {
      const why = whyAbsent(error)
      if (why === undefined) throw error
      this.#absences[name] = why
    }
  }

  diagnosis(now: number): Diagnosis {
    return diagnose(this.#facts, now, this.#absences)
  }
}

/** Undefined: it should have gone well. */
function whyAbsent(error: unknown): string | undefined {
  const first = error instanceof SeveralFailedError ? error.errors[0] : error
  if (!(first instanceof RivvenError)) return undefined
  if (first.code === 'UNSUPPORTED_BY_BROKER') return 'a newer broker'
  if (first.code !== 'AUTHORIZATION_FAILED') return undefined
  const { operation, resource } = first.facts
  return operation && resource ? `${operation} on ${resource}` : 'a right that is missing'
}
