// Hot path: a heartbeat and a commit of a member pass here; some plain numbers each.
import { median } from '../../median.js'
import { Tally } from './tally.js'

const gapsKept = 9
const fewestGaps = 3
const commitsMs = 60_000

/** How a member has shown signs of life. Times are monotonic. */
export class MemberPulse {
  /** `since`: when it was heard of first. */
  constructor(readonly since: number) {}

  readonly #gaps: number[] = []
  #beats = 0
  #lastBeat: number | undefined
  readonly #commits = new Tally(commitsMs)
  /** What its client calls itself; null: it has not said, undefined: nobody has looked yet. */
  software: string | null | undefined
  /** Null: it has not committed. */
  lastCommitAt: number | null = null

  beat(now: number): void {
    if (this.#lastBeat !== undefined) this.#gaps[this.#beats++ % gapsKept] = now - this.#lastBeat
    this.#lastBeat = now
  }

  committed(now: number): void {
    this.#commits.add(now)
    this.lastCommitAt = now
  }

  /** Within the last minute. */
  commitsPerSecond(now: number): number {
    return this.#commits.perSecond(now)
  }

  /** The usual time between two heartbeats; null: too few were seen. */
  get gapMs(): number | null {
    return this.#gaps.length < fewestGaps ? null : (median(this.#gaps) ?? null)
  }
}
