import type { Seen, Timed } from '../history/history.js'

/** A promise that was broken. The numbers are those of the invariants in docs/simulation.md. */
export interface Violation {
  readonly invariant: string
  readonly what: string
  readonly at: number
}

export type Report = (invariant: string, what: string) => void

/** Watches over some invariants. It knows nothing of the programs but what can be seen from outside. */
export interface Check {
  see(event: Timed<Seen>): void
  /** At the end of a run, when everything had time to settle. */
  end?(): void
}

/** Errors of the storage, or of a coordinator that ended meanwhile: what was asked for may be stored nevertheless. */
export function isUndecided(errorCode: number): boolean {
  return [7, 15, 16, 56, -1].includes(errorCode)
}
