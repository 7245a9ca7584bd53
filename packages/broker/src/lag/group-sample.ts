import { type CatchUp, laterCatchUp, type Status, worseStatus } from '@rivven/groups'

/** How a group did at a sample. */
export interface GroupSample extends CatchUp {
  /** ms since 1970 */
  readonly at: number
  /** Records, of all partitions. */
  readonly lag: number
  /** Of the partition that is furthest behind. */
  readonly lagSeconds: number
  /** Of the partition that does worst. */
  readonly status: Status
  /** Records that were removed before the group had read them, since this broker knows it. */
  readonly lost: number
}

export interface PartitionSample extends CatchUp {
  readonly lag: number
  readonly ageMs: number
  readonly status: Status
  /** Since the sample before. */
  readonly lost: number
}

/** What the partitions of a group add up to. */
export class GroupSum {
  #lag = 0
  #ageMs = 0
  #status: Status = 'OK'
  #lost: number
  #catchUp: CatchUp = { catchUpSeconds: 0, eta: null }

  constructor(before: GroupSample | undefined) {
    this.#lost = before?.lost ?? 0
  }

  add(sample: PartitionSample): void {
    // What is beyond the end of one partition makes up for nothing in another.
    this.#lag += Math.max(0, sample.lag)
    this.#ageMs = Math.max(this.#ageMs, sample.ageMs)
    this.#status = worseStatus(this.#status, sample.status)
    this.#lost += sample.lost
    this.#catchUp = laterCatchUp(this.#catchUp, sample)
  }

  total(at: number): GroupSample {
    const { catchUpSeconds, eta } = this.#catchUp
    return {
      at,
      lag: this.#lag,
      lagSeconds: this.#ageMs / 1_000,
      status: this.#status,
      lost: this.#lost,
      catchUpSeconds,
      eta,
    }
  }
}
