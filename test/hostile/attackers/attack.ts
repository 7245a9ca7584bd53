import type { Target } from './target.js'

/** One kind of hostile client: a row of a table, or a part of it. */
export interface Attack {
  /** Of the tables: `S3` (security.md §16), or a number of the malformed-input table. */
  readonly row: string
  readonly name: string
  /** How many connections it has at once at most. Default 1. */
  readonly connections?: number
  /** How often it is chosen, against others. Default 1. */
  readonly weight?: number
  /** At least so long from the end of one to the next: what keeps a broker busy is one client's doing, not a thousand's. */
  readonly everyMs?: number
  /** Whoever has not logged in may be closed at any time: there are limits for strangers. */
  readonly isStranger?: boolean
  /** Says by `target.saw` what was answered; throws a WrongAnswer where that may not be. */
  run(target: Target): Promise<void>
}

/** An attack was answered as it may not be. */
export class WrongAnswer extends Error {}
