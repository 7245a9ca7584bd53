import { Tally } from './tally.js'

/** Commits of one member that were refused with one error, within the last ten minutes. */
export interface Refused {
  readonly memberId: string
  readonly errorCode: number
  readonly count: number
}

const windowMs = 600_000
/** Beyond so many pairs of member and error of a group only the known ones are counted. */
const mostKept = 100

/** Which commits of a group were refused lately, by member and error. Times are monotonic. */
export class RefusedCommits {
  readonly #tallies = new Map<
    string,
    { readonly memberId: string; readonly errorCode: number; readonly tally: Tally }
  >()

  add(memberId: string, errorCode: number, now: number): void {
    const key = `${errorCode} ${memberId}`
    const known = this.#tallies.get(key)
    if (known) {
      known.tally.add(now)
      return
    }
    if (this.#tallies.size >= mostKept) this.#forgetOld(now)
    if (this.#tallies.size >= mostKept) return
    const tally = new Tally(windowMs)
    tally.add(now)
    this.#tallies.set(key, { memberId, errorCode, tally })
  }

  of(now: number): Refused[] {
    this.#forgetOld(now)
    return Array.from(this.#tallies.values(), ({ memberId, errorCode, tally }) => {
      return { memberId, errorCode, count: Math.round(tally.of(now)) }
    })
  }

  #forgetOld(now: number): void {
    for (const [key, { tally }] of this.#tallies) if (tally.of(now) === 0) this.#tallies.delete(key)
  }
}
