import type { MemberLife, Seen, Timed, TopicPartition } from '../history/history.js'
import { type Check, nameOf, type Report } from './check.js'

/**
 * Invariant 1: no two members of a generation own a partition at once; and records come only from partitions that are
 * owned (so none of a revoked one). A member that the group went on without may not know it yet: it owns nothing any more.
 */
export class OneOwner implements Check {
  readonly #report: Report
  /** By group and partition: who owns it, as far as its listener was told. */
  readonly #owners = new Map<string, Set<MemberLife>>()
  /** By group: the members that were told of the newest generation, with their instance ids. */
  readonly #members = new Map<string, { generation: number; ids: Map<string, string | null> }>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'answer':
        if (event.exchange.api.name === 'JoinGroup') this.#seeJoin(event.exchange)
        return
      case 'assigned':
        for (const partition of event.partitions) this.#take(event.member, partition)
        return
      case 'revoked':
      case 'lost':
        for (const partition of event.partitions) this.#ownersOf(event.member.group, partition).delete(event.member)
        return
      case 'gone':
        if (event.member) for (const owners of this.#owners.values()) owners.delete(event.member)
        return
      case 'polled':
        for (const record of event.records) {
          if (this.#ownersOf(event.member.group, record).has(event.member)) continue
          this.#report('1', `${event.member.host} was given a record of ${nameOf(record)}, which it does not own`)
        }
        return
    }
  }

  /** Owners of each partition who are members of the newest generation. */
  liveOwners(group: string, partition: TopicPartition): MemberLife[] {
    return [...this.#ownersOf(group, partition)].filter((owner) => this.#isMember(owner))
  }

  /**
   * A static member that did not join again in time stays in its group, but not in the generation: it learns so when it
   * polls, and gives up what it had before it reads on. So whoever was not told of a generation owns nothing in it.
   */
  #seeJoin({ request, response }: { request: JoinRequest; response: JoinAnswer }): void {
    if (response.errorCode !== 0) return
    const { generationId, memberId } = response
    const known = this.#members.get(request.groupId)
    if (known && known.generation > generationId) return
    const ids = known?.generation === generationId ? known.ids : new Map<string, string | null>()
    for (const [id, instanceId] of ids)
      if (instanceId !== null && instanceId === request.groupInstanceId) ids.delete(id)
    ids.set(memberId, request.groupInstanceId)
    this.#members.set(request.groupId, { generation: generationId, ids })
  }

  #take(member: MemberLife, partition: TopicPartition): void {
    const owners = this.#ownersOf(member.group, partition)
    for (const other of owners) {
      if (other === member || !this.#isMember(other) || !this.#isMember(member)) continue
      this.#report(
        '1',
        `${nameOf(partition)} is owned by ${other.host} and given to ${member.host} in generation ${member.generation()}`,
      )
    }
    owners.add(member)
  }

  #isMember(member: MemberLife): boolean {
    const newest = this.#members.get(member.group)
    return newest?.ids.has(member.memberId()) ?? false
  }

  #ownersOf(group: string, partition: TopicPartition): Set<MemberLife> {
    const key = `${group} ${nameOf(partition)}`
    const owners = this.#owners.get(key) ?? new Set()
    this.#owners.set(key, owners)
    return owners
  }
}

interface JoinRequest {
  readonly groupId: string
  readonly groupInstanceId: string | null
}

interface JoinAnswer {
  readonly errorCode: number
  readonly generationId: number
  readonly memberId: string
}
