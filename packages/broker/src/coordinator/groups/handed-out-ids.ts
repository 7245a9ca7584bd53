import type { RequestConnection } from '../../request-connection.js'

/** One connection keeps no more ids in mind: whoever asks for so many uses none. */
const mostIds = 1_000

/** Member ids that were handed out (KIP-394) and are awaited, by the connection over which they went. */
export class HandedOutIds {
  readonly #onOrphaned: (groupId: string, memberIds: readonly string[]) => void
  /** Connection -> member id -> group id, oldest first. */
  readonly #byConnection = new Map<RequestConnection, Map<string, string>>()

  /** `onOrphaned` is called for each group when a connection closes with ids that were not used. */
  constructor(onOrphaned: (groupId: string, memberIds: readonly string[]) => void) {
    this.#onOrphaned = onOrphaned
  }

  given(connection: RequestConnection, groupId: string, memberId: string): void {
    let ids = this.#byConnection.get(connection)
    if (!ids) {
      ids = new Map()
      this.#byConnection.set(connection, ids)
      ids.set(memberId, groupId)
      connection.onClose(() => this.#closed(connection))
      return
    }
    ids.set(memberId, groupId)
    if (ids.size > mostIds) for (const oldest of ids.keys()) return void ids.delete(oldest)
  }

  /** Its owner came back with it. */
  used(connection: RequestConnection, memberId: string): void {
    this.#byConnection.get(connection)?.delete(memberId)
  }

  #closed(connection: RequestConnection): void {
    const ids = this.#byConnection.get(connection)
    this.#byConnection.delete(connection)
    const byGroup = new Map<string, string[]>()
    for (const [memberId, groupId] of ids ?? []) {
      const ofGroup = byGroup.get(groupId)
      if (ofGroup) ofGroup.push(memberId)
      else byGroup.set(groupId, [memberId])
    }
    for (const [groupId, memberIds] of byGroup) this.#onOrphaned(groupId, memberIds)
  }
}
