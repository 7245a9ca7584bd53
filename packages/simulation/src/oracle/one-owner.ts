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
  /** By group: the member ids of the newest generation, as its leader was told, but for static members that came back. */
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

  #seeJoin({ request, response }: { request: JoinRequest; response: JoinAnswer }): void {
    if (response.errorCode !== 0) return
    const known = this.#members.get(request.groupId)
    const { generationId, memberId } = response
    if (known && known.generation > generationId) return
    if (memberId === response.leader) {
      const ids = new Map(response.members.map((member) => [member.memberId, member.groupInstanceId]))
      this.#members.set(request.groupId, { generation: generationId, ids })
    } else if (known?.generation === generationId && request.groupInstanceId !== null && !known.ids.has(memberId)) {
      for (const [id, instanceId] of known.ids) if (instanceId === request.groupInstanceId) known.ids.delete(id)
      known.ids.set(memberId, request.groupInstanceId)
    }
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
  readonly leader: string
  readonly memberId: string
  readonly members: readonly { readonly memberId: string; readonly groupInstanceId: string | null }[]
}
