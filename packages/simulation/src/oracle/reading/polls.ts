import { type MemberLife, nameOf, type Seen, type Timed, type TopicPartition } from '../../history/history.js'
import type { Plan } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'
import type { Gone } from '../records/damaged-records.js'

/** Invariant 26: while a member owns a partition it reads one offset after the other: no gap, nothing twice. */
export class Polls implements Check {
  readonly #report: Report
  readonly #gone: Gone
  /** Topics in which markers and aborted records leave gaps. */
  readonly #withGaps: ReadonlySet<string>
  readonly #next = new Map<MemberLife, Map<string, number>>()

  constructor(report: Report, plan: Plan, gone: Gone) {
    this.#report = report
    this.#gone = gone
    this.#withGaps = new Set(plan.actors.flatMap((actor) => (actor.kind === 'copier' ? [actor.to] : [])))
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'assigned' || event.kind === 'revoked' || event.kind === 'lost') {
      for (const partition of event.partitions) this.#positionsOf(event.member).delete(nameOf(partition))
    }
    if (event.kind !== 'polled') return
    for (const record of event.records) this.#read(event.member, record, record.offset)
  }

  #read(member: MemberLife, partition: TopicPartition, offset: number): void {
    const positions = this.#positionsOf(member)
    const expected = positions.get(nameOf(partition))
    positions.set(nameOf(partition), offset + 1)
    if (expected === undefined || offset === expected) return
    if (offset > expected && this.#withGaps.has(partition.topic)) return
    if (offset > expected && this.#gone.mayBeGone(partition, offset - 1)) return
    const what = offset < expected ? 'goes back' : 'skips'
    this.#report('26', `${member.host} ${what} in ${nameOf(partition)}: ${offset} after ${expected - 1}`)
  }

  #positionsOf(member: MemberLife): Map<string, number> {
    const positions = this.#next.get(member) ?? new Map()
    this.#next.set(member, positions)
    return positions
  }
}
