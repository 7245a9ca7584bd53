import type { MemberLife, Seen, Timed, TopicPartition } from '../history/history.js'
import { type Check, nameOf, type Report } from './check.js'

/** Invariant 26: while a member owns a partition it reads one offset after the other: no gap, nothing twice. */
export class Polls implements Check {
  readonly #report: Report
  readonly #next = new Map<MemberLife, Map<string, number>>()

  constructor(report: Report) {
    this.#report = report
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
    const what = offset < expected ? 'goes back' : 'skips'
    this.#report('26', `${member.host} ${what} in ${nameOf(partition)}: ${offset} after ${expected - 1}`)
  }

  #positionsOf(member: MemberLife): Map<string, number> {
    const positions = this.#next.get(member) ?? new Map()
    this.#next.set(member, positions)
    return positions
  }
}
