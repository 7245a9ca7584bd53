import { foreignOffset } from '../actors/liar.js'
import type { Exchange, MemberLife, Seen, SeenRecord, Timed, TopicPartition } from '../history/history.js'
import type { MemberPlan, Plan } from '../plan/plan.js'
import { type Check, nameOf, type Report } from './check.js'

/** How far a member is in a partition that it was given. */
interface Position {
  /** What it was told of the committed offset since then; -1: there is none. */
  readonly starts: Set<number>
  /** The first offset that it was given. */
  first: number | undefined
  /** Behind what poll has returned, and behind what it had returned before the present poll. */
  delivered: number
  handled: number
}

/**
 * Invariants 26 (after a rebalance reading begins at the committed offset, not elsewhere) and 20, as far as members see to
 * it: commits are for what they own, and not beyond what the application has: with auto-commit, what it is done with.
 */
export class Positions implements Check {
  readonly #report: Report
  readonly #autoCommitting: ReadonlySet<string>
  readonly #withGaps: ReadonlySet<string>
  /** By host: the life that reads there, and what it owns. */
  readonly #members = new Map<string, { member: MemberLife; owned: Map<string, Position> }>()

  constructor(report: Report, plan: Plan) {
    const members = plan.actors.filter((actor): actor is MemberPlan => actor.kind === 'member')
    this.#report = report
    this.#autoCommitting = new Set(members.filter(({ commits }) => commits === 'auto').map(({ name }) => name))
    this.#withGaps = new Set(plan.actors.flatMap((actor) => (actor.kind === 'copier' ? [actor.to] : [])))
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'assigned':
        for (const partition of event.partitions) this.#ownedBy(event.member).set(nameOf(partition), newPosition())
        return
      case 'revoked':
      case 'lost':
        for (const partition of event.partitions) this.#ownedBy(event.member).delete(nameOf(partition))
        return
      case 'gone':
        this.#members.delete(event.host)
        return
      case 'polls':
        for (const position of this.#ownedBy(event.member).values()) position.handled = position.delivered
        return
      case 'polled':
        for (const record of event.records) this.#deliver(event.member, record)
        return
      case 'answer':
        if (event.exchange.api.name === 'OffsetFetch') this.#seeFetched(event.exchange)
        return
      case 'request':
        if (event.exchange.api.name === 'OffsetCommit') this.#seeCommit(event.exchange)
    }
  }

  #deliver(member: MemberLife, record: SeenRecord): void {
    const position = this.#ownedBy(member).get(nameOf(record))
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
    const hasGaps = this.#withGaps.has(record.topic)
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
        this.#judge(host, reader.owned, { topic: name, partition: partitionIndex }, committedOffset)
      }
    }
  }

  #judge(host: string, owned: ReadonlyMap<string, Position>, partition: TopicPartition, offset: number): void {
    const position = owned.get(nameOf(partition))
    if (!position) {
      this.#report('20', `${host} commits ${offset} for ${nameOf(partition)}, which it does not own`)
      return
    }
    // Behind the last record there may be markers, which nobody is given.
    if (this.#withGaps.has(partition.topic)) return
    const start = Math.max(0, ...position.starts)
    const isAuto = this.#autoCommitting.has(host)
    const most = Math.max(start, isAuto ? position.handled : position.delivered)
    if (offset > most) this.#report('20', `${host} commits ${offset} for ${nameOf(partition)}, it is at ${most}`)
  }

  #ownedBy(member: MemberLife): Map<string, Position> {
    const known = this.#members.get(member.host)
    if (known?.member === member) return known.owned
    const owned = new Map<string, Position>()
    this.#members.set(member.host, { member, owned })
    return owned
  }
}

function newPosition(): Position {
  return { starts: new Set(), first: undefined, delivered: 0, handled: 0 }
}
