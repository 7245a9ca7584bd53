import type { RequestConnection } from '../../request-connection.js'

/** One connection keeps no more members in mind: whoever has so many is no application. */
const mostMembers = 1_000

interface Place {
  readonly connection: RequestConnection
  readonly groupId: string
}

/** Over which connection each member was last heard of. A member may have two: heartbeats come over one of their own. */
export class MemberConnections {
  readonly #onLost: (groupId: string, memberIds: readonly string[]) => void
  readonly #byMember = new Map<string, Place>()
  /** Members of each connection, oldest first. */
  readonly #byConnection = new Map<RequestConnection, Set<string>>()

  /** `onLost` is called for each group when a connection closes over which members of it were last heard of. */
  constructor(onLost: (groupId: string, memberIds: readonly string[]) => void) {
    this.#onLost = onLost
  }

  /** Called for every heartbeat that is answered. */
  heard(connection: RequestConnection, groupId: string, memberId: string): void {
    const before = this.#byMember.get(memberId)
    if (before?.connection === connection && before.groupId === groupId) return
    if (before) this.#byConnection.get(before.connection)?.delete(memberId)
    this.#byMember.set(memberId, { connection, groupId })
    const members = this.#membersOf(connection)
    members.add(memberId)
    if (members.size > mostMembers) this.#forgetOldest(members)
  }

  #membersOf(connection: RequestConnection): Set<string> {
    const known = this.#byConnection.get(connection)
    if (known) return known
    const members = new Set<string>()
    this.#byConnection.set(connection, members)
    connection.onClose(() => this.#closed(connection))
    return members
  }

  #forgetOldest(members: Set<string>): void {
    const [oldest] = members
    if (oldest === undefined) return
    members.delete(oldest)
    this.#byMember.delete(oldest)
  }

  #closed(connection: RequestConnection): void {
    const members = this.#byConnection.get(connection)
    this.#byConnection.delete(connection)
    const byGroup = new Map<string, string[]>()
    for (const memberId of members ?? []) {
      const { groupId } = this.#byMember.get(memberId)!
      this.#byMember.delete(memberId)
      const ofGroup = byGroup.get(groupId)
      if (ofGroup) ofGroup.push(memberId)
      else byGroup.set(groupId, [memberId])
    }
    for (const [groupId, memberIds] of byGroup) this.#onLost(groupId, memberIds)
  }
}
