import { nameOf, type Seen, type Timed } from '../history/history.js'
import type { Plan } from '../plan/plan.js'
import type { Check, Report } from './check.js'
import type { OneOwner } from './groups/one-owner.js'
import type { Gone } from './records/damaged-records.js'
import type { WrittenRecords } from './records/written-records.js'

/** How long everything must be as it should before it counts as settled. */
const calmMs = 1_000

export interface SettlingParts {
  readonly owners: OneOwner
  readonly records: WrittenRecords
  readonly gone: Gone
}

/**
 * Liveness, once faults have stopped: every group covers its topics with one owner each (invariants 2 and 6), and every
 * acknowledged record has been seen by every group (28).
 */
export class Settling implements Check {
  readonly #report: Report
  readonly #plan: Plan
  readonly #owners: OneOwner
  readonly #records: WrittenRecords
  readonly #gone: Gone
  readonly #groups: readonly string[]
  /** Topics by group. */
  readonly #topics = new Map<string, ReadonlySet<string>>()
  readonly #seen = new Map<string, Set<string>>()
  /** Groups whose resets are all told. */
  readonly #listed = new Set<string>()
  /** Topics that an administrator has grown. */
  readonly #grown = new Map<string, number>()
  #wellSince: number | undefined
  isSettled = false

  constructor(report: Report, plan: Plan, { owners, records, gone }: SettlingParts) {
    this.#report = report
    this.#plan = plan
    this.#owners = owners
    this.#records = records
    this.#gone = gone
    for (const actor of plan.actors) if (actor.kind === 'member') this.#topics.set(actor.group, new Set(actor.topics))
    this.#groups = [...this.#topics.keys()]
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'grown') this.#grown.set(event.topic, event.partitions)
    if (event.kind === 'resets listed') this.#listed.add(event.group)
    if (event.kind === 'polled') {
      const seen = this.#seenBy(event.member.group)
      for (const { value } of event.records) seen.add(value.split('|')[0]!)
    }
    if (event.at < this.#plan.activeMs || this.isSettled) return
    if (event.kind === 'answer' && event.exchange.api.name === 'Heartbeat') this.#look(event.at)
  }

  end(): void {
    if (this.isSettled) return
    for (const group of this.#groups) {
      for (const problem of this.#uncovered(group)) this.#report('2', problem)
      for (const value of this.#unseen(group).slice(0, 3)) {
        const { partition, offset } = this.#records.acknowledged.get(value)!
        this.#report('28', `${group} has not seen ${value} at ${partition}/${offset}`)
      }
    }
  }

  #look(now: number): void {
    const isWell =
      this.#hasGrown &&
      this.#isListed &&
      this.#groups.every((group) => this.#uncovered(group).length === 0 && this.#unseen(group).length === 0)
    if (!isWell) this.#wellSince = undefined
    else this.#wellSince ??= now
    if (this.#wellSince !== undefined && now - this.#wellSince >= calmMs) this.isSettled = true
  }

  /** Whether all has grown that will. */
  get #hasGrown(): boolean {
    const administrators = this.#plan.actors.filter((actor) => actor.kind === 'administrator')
    return administrators.every(({ topic, remade }) => this.#grown.has(topic) && this.#grown.has(remade ?? topic))
  }

  get #isListed(): boolean {
    return this.#plan.actors.every((actor) => actor.kind !== 'resetter' || this.#listed.has(actor.group))
  }

  #uncovered(group: string): string[] {
    const subscribed = this.#topics.get(group)
    const topics = this.#plan.topics.filter(({ name }) => subscribed?.has(name))
    return topics.flatMap(({ name: topic, partitions }) =>
      Array.from({ length: this.#grown.get(topic) ?? partitions }, (_, partition) => ({ topic, partition })).flatMap(
        (partition) => {
          const count = this.#owners.liveOwners(group, partition).length
          return count === 1 ? [] : [`${nameOf(partition)} has ${count} owners in ${group}, and no rebalance mends it`]
        },
      ),
    )
  }

  /** Of a copied topic the copies are seen, which say what they are copies of. */
  #unseen(group: string): string[] {
    const seen = this.#seenBy(group)
    const { acknowledged } = this.#records
    return [...acknowledged].flatMap(([value, at]) =>
      seen.has(value) || this.#gone.mayBeGone(at, at.offset) ? [] : [value],
    )
  }

  #seenBy(group: string): Set<string> {
    const seen = this.#seen.get(group) ?? new Set()
    this.#seen.set(group, seen)
    return seen
  }
}
