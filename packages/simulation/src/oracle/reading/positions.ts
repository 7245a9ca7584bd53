import {
  type Exchange,
  type MemberLife,
  nameOf,
  type Seen,
  type SeenRecord,
  type Timed,
  type TopicPartition,
} from '../../history/history.js'
import { foreignOffset, type MemberPlan, type Plan } from '../../plan/plan.js'
import type { Check, Report } from '../check.js'
import type { Gone } from '../records/damaged-records.js'

/** How far a member is in a partition that it was given. */
interface Position {
  /** What it was told of the committed offset since then; -1: there is none. */
  readonly starts: Set<number>
  /** The first offset that it was given. */
  first: number | undefined
  /** Behind what poll has returned, and behind what it had returned before the present poll. */
  delivered: number
  handled: number
  /** What it asked to commit: it may ask again while its generation lasts, also when it has given the partition up. */
  readonly asked: Set<number>
}

interface Reader {
  readonly member: MemberLife
  readonly owned: Map<string, Position>
  readonly givenUp: Map<string, Position>
}

/**
 * Invariants 26 (after a rebalance reading begins at the committed offset, not elsewhere) and 20, as far as members see to
 * it: commits are for what they own, and not beyond what the application has: with auto-commit, what it is done with.
 */
export class Positions implements Check {
  readonly #report: Report
  readonly #autoCommitting: ReadonlySet<string>
  readonly #withGaps: ReadonlySet<string>
  readonly #gone: Gone
  /** By host: the life that reads there. */
  readonly #members = new Map<string, Reader>()

  constructor(report: Report, plan: Plan, gone: Gone) {
    this.#gone = gone
    const members = plan.actors.filter((actor): actor is MemberPlan => actor.kind === 'member')
    this.#report = report
    this.#autoCommitting = new Set(members.filter(({ commits }) => commits === 'auto').map(({ name }) => name))
    this.#withGaps = new Set(plan.actors.flatMap((actor) => (actor.kind === 'copier' ? [actor.to] : [])))
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'assigned':
        for (const partition of event.partitions)
          this.#readerOf(event.member).owned.set(nameOf(partition), newPosition())
        return
      case 'revoked':
      case 'lost':
        for (const partition of event.partitions) this.#giveUp(this.#readerOf(event.member), nameOf(partition))
        return
      case 'gone':
        this.#members.delete(event.host)
        return
      case 'polls':
        for (const position of this.#readerOf(event.member).owned.values()) position.handled = position.delivered
        return
      case 'polled':
        for (const record of event.records) this.#deliver(event.member, record)
        return
      case 'answer':
        if (event.exchange.api.name === 'OffsetFetch') this.#seeFetched(event.exchange)
        return
      case 'request':
        if (event.exchange.api.name === 'OffsetCommit') this.#seeCommit(event.exchange)
        if (event.exchange.api.name === 'JoinGroup') this.#members.get(event.exchange.host)?.givenUp.clear()
    }
  }

  #deliver(member: MemberLife, record: SeenRecord): void {
    const position = this.#readerOf(member).owned.get(nameOf(record))
    if (member.generation() < 0)
      this.#report('1', `${member.host} reads ${nameOf(record)}, and knows that it is no member`)
    if (!position) return
    if (position.first === undefined) this.#begin(member, record, position)
    position.delivered = record.offset + 1
  }

  #begin({ host }: MemberLife, record: SeenRecord, position: Position): void {
    position.first = record.offset
    // Where the liar was right in the end, reading starts over.
    if (position.starts.has(foreignOffset)) return
    const starts = [...position.starts].map((offset) => Math.max(0, offset))
    const hasGaps = this.#withGaps.has(record.topic) || this.#gone.mayBeGone(record, record.offset - 1)
    if (starts.some((start) => (hasGaps ? record.offset >= start : record.offset === start))) return
    const committed = starts.length > 0 ? `committed is ${starts.join(' or ')}` : 'it did not ask what is committed'
    this.#report('26', `${host} begins to read ${nameOf(record)} at ${record.offset}; ${committed}`)
  }

  #seeFetched({ host, request, response }: Exchange): void {
    const owned = this.#members.get(host)?.owned
    if (!owned) return
    const groups = response.groups?.length ? response.groups : [{ ...response, groupId: request.groupId }]
    for (const { topics, errorCode: groupError } of groups) {
      for (const { name, partitions } of topics ?? []) {
        for (const { partitionIndex, committedOffset, errorCode } of partitions) {
          if (groupError || errorCode) continue
          owned.get(nameOf({ topic: name, partition: partitionIndex }))?.starts.add(committedOffset)
        }
      }
    }
  }

  #seeCommit({ host, request }: Exchange): void {
    const reader = this.#members.get(host)
    if (!reader || reader.member.group !== request.groupId) return
    // What waited for the coordinator until its member was given up is refused.
    if (request.memberId !== reader.member.memberId()) return
    if (request.generationIdOrMemberEpoch !== reader.member.generation()) return
    for (const { name, partitions } of request.topics) {
      for (const { partitionIndex, committedOffset } of partitions) {
        this.#judge(reader, { topic: name, partition: partitionIndex }, committedOffset)
      }
    }
  }

  #judge({ member: { host }, owned, givenUp }: Reader, partition: TopicPartition, offset: number): void {
    const name = nameOf(partition)
    const position = owned.get(name)
    const isAuto = this.#autoCommitting.has(host)
    if (!position) {
      // What was on its way may leave later: until it joins again the partition is nobody else's.
      const gone = givenUp.get(name)
      if (gone?.asked.has(offset) || (gone && offset <= (isAuto ? gone.handled : gone.delivered))) return
      this.#report('20', `${host} commits ${offset} for ${name}, which it does not own`)
      return
    }
    position.asked.add(offset)
    // Behind the last record there may be markers, which nobody is given.
    if (this.#withGaps.has(partition.topic) || this.#gone.mayBeGone(partition, offset - 1)) return
    const start = Math.max(0, ...position.starts)
    const most = Math.max(start, isAuto ? position.handled : position.delivered)
    if (offset > most) this.#report('20', `${host} commits ${offset} for ${name}, it is at ${most}`)
  }

  #giveUp({ owned, givenUp }: Reader, name: string): void {
    const position = owned.get(name)
    if (position) givenUp.set(name, position)
    owned.delete(name)
  }

  #readerOf(member: MemberLife): Reader {
    const known = this.#members.get(member.host)
    if (known?.member === member) return known
    const reader = { member, owned: new Map<string, Position>(), givenUp: new Map<string, Position>() }
    this.#members.set(member.host, reader)
    return reader
  }
}

function newPosition(): Position {
  return { starts: new Set(), first: undefined, delivered: 0, handled: 0, asked: new Set() }
}
