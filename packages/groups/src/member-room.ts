import type { Group, Member, Protocol } from './group.js'

/** Bytes that all members of a broker may take. What was claimed is never less than what there is: at the limit it is counted anew. */
export class MemberRoom {
  readonly #limit: number
  readonly #count: () => number
  #claimed = Number.POSITIVE_INFINITY

  /** `count`: the bytes that there are, in all groups. */
  constructor(limit: number, count: () => number) {
    this.#limit = limit
    this.#count = count
  }

  /** Whether there is room for so many bytes more; then they are claimed. Whoever takes no more than before always has room. */
  take(bytes: number): boolean {
    if (bytes <= 0) return true
    if (this.#claimed + bytes > this.#limit) this.#claimed = this.#count()
    if (this.#claimed + bytes > this.#limit) return false
    this.#claimed += bytes
    return true
  }

  /** Members have come that nobody asked for: they were loaded. */
  countAnew(): void {
    this.#claimed = Number.POSITIVE_INFINITY
  }
}

export const endlessMemberRoom = new MemberRoom(Number.POSITIVE_INFINITY, () => 0)

export function bytesOfProtocols(protocols: readonly Protocol[]): number {
  return protocols.reduce((sum, { name, metadata }) => sum + name.length + metadata.length, 0)
}

/** What is kept of a member, but for its assignment. */
export function bytesOfMember({ memberId, groupInstanceId, clientId, protocols }: MemberTexts): number {
  return memberId.length + (groupInstanceId?.length ?? 0) + clientId.length + bytesOfProtocols(protocols)
}

type MemberTexts = Pick<Member, 'memberId' | 'groupInstanceId' | 'clientId' | 'protocols'>

/** What is kept of all members of a group. */
export function bytesOfGroup({ memberBytes, assignmentBytes }: Group): number {
  return memberBytes + assignmentBytes
}
