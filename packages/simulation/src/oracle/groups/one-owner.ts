import { type MemberLife, nameOf, type Seen, type Timed, type TopicPartition } from '../../history/history.js'
import type { Check, Report } from '../check.js'

interface Members {
  newest: number
  /** The last generation whose assignment was handed out. */
  stored: number
  /** By generation: the members that were told of it, with their instance ids. */
  readonly told: Map<number, Map<string, string | null>>
}

/**
 * Invariant 1: no two members of a generation own a partition at once; and records come only from partitions that are
 * owned (so none of a revoked one). A member that the group went on without may not know it yet: it owns nothing any more.
 */
export class OneOwner implements Check {
  readonly #report: Report
  /** By group and partition: who owns it, as far as its listener was told. */
  readonly #owners = new Map<string, Set<MemberLife>>()
  readonly #members = new Map<string, Members>()

  constructor(report: Report) {
    this.#report = report
  }

  see(event: Timed<Seen>): void {
    switch (event.kind) {
      case 'answer':
        if (event.exchange.api.name === 'JoinGroup') this.#seeJoin(event.exchange)
        if (event.exchange.api.name === 'SyncGroup') this.#seeSync(event.exchange)
        if (event.exchange.api.name === 'Heartbeat') this.#seeHeartbeat(event.exchange)
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
    const { generationId, memberId, members, skipAssignment } = response
    const known = this.#members.get(request.groupId) ?? { newest: -1, stored: -1, told: new Map() }
    this.#members.set(request.groupId, known)
    // A group that was forgotten begins anew; one whose newest generation was never stored goes on where it was.
    if (known.newest > generationId && generationId !== 1 && generationId !== known.stored) return
    const ids = known.told.get(generationId) ?? new Map<string, string | null>()
    known.newest = generationId
    known.told.set(generationId, ids)
    for (const [id, instanceId] of ids)
      if (instanceId !== null && instanceId === request.groupInstanceId) ids.delete(id)
    ids.set(memberId, request.groupInstanceId)
    // The leader is told of all: others were in a generation of that number before the group was forgotten.
    const all = new Set(members.map((member) => member.memberId))
    if (all.size > 0 && !skipAssignment) for (const id of ids.keys()) if (!all.has(id)) ids.delete(id)
  }

  #seeSync({ request, response }: GenerationExchange): void {
    const known = this.#members.get(request.groupId)
    if (known && response.errorCode === 0) known.stored = request.generationId
  }

  /** A generation that was never stored is gone when the coordinator begins again: the stored one goes on. */
  #seeHeartbeat({ request, response }: GenerationExchange): void {
    const known = this.#members.get(request.groupId)
    if (known && response.errorCode === 0 && known.stored === request.generationId) known.newest = known.stored
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
    const known = this.#members.get(member.group)
    return known?.told.get(known.newest)?.has(member.memberId()) ?? false
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

interface GenerationExchange {
  readonly request: { readonly groupId: string; readonly generationId: number }
  readonly response: { readonly errorCode: number }
}

interface JoinAnswer {
  readonly errorCode: number
  readonly generationId: number
  readonly memberId: string
  readonly members: readonly { readonly memberId: string }[]
  readonly skipAssignment?: boolean
}
