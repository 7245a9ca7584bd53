import { ErrorCode } from '@rivven/protocol'
import type { Ticket } from '../decision.js'
import { armDeadline, type Group, type Member, type Parked, type Protocol } from '../group.js'
import { bytesOfMember } from '../member-room.js'
import { joinGroupRefusal, syncGroupRefusal } from '../refusals.js'
import type { Turn } from '../turn.js'

const never = Number.POSITIVE_INFINITY

/** Puts a member into the group's tables. The first one of an empty group gives it its protocol type and leads it. */
export function insertMember(group: Group, member: Member, protocolType: string): void {
  if (group.members.size === 0) group.protocolType = protocolType
  group.members.set(member.memberId, member)
  if (member.groupInstanceId !== null) group.staticMembers.set(member.groupInstanceId, member.memberId)
  countMember(group, member, 1)
  if (member.parkedJoin) group.parkedJoins++
  group.leaderId ??= member.memberId
}

/** Takes a member out; whatever it waits for is answered UNKNOWN_MEMBER_ID, and another leads if it led. */
export function removeMember(turn: Turn, member: Member): void {
  const { group } = turn
  unparkJoin(turn, member, ErrorCode.UNKNOWN_MEMBER_ID, '')
  unparkSync(turn, member, ErrorCode.UNKNOWN_MEMBER_ID)
  group.members.delete(member.memberId)
  const { groupInstanceId } = member
  if (groupInstanceId !== null && group.staticMembers.get(groupInstanceId) === member.memberId) {
    group.staticMembers.delete(groupInstanceId)
  }
  countMember(group, member, -1)
  forgetPendingSync(group, member.memberId)
  if (group.leaderId === member.memberId) group.leaderId = group.members.keys().next().value ?? null
}

/** Gives a member a new id in place: it keeps its assignment, client id and host (KIP-345, a static member returns). */
export function renameMember(group: Group, member: Member, memberId: string): void {
  const oldId = member.memberId
  group.members.delete(oldId)
  group.memberBytes += memberId.length - oldId.length
  member.memberId = memberId
  group.members.set(memberId, member)
  if (member.groupInstanceId !== null) group.staticMembers.set(member.groupInstanceId, memberId)
  if (group.leaderId === oldId) group.leaderId = memberId
  if (group.pendingSync.delete(oldId)) group.pendingSync.add(memberId)
}

/** What a JoinGroup brings along each time. */
export interface JoinTerms {
  readonly protocols: readonly Protocol[]
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

export function updateMember(group: Group, member: Member, terms: JoinTerms): void {
  countMember(group, member, -1)
  member.protocols = terms.protocols
  member.sessionTimeoutMs = terms.sessionTimeoutMs
  member.rebalanceTimeoutMs = terms.rebalanceTimeoutMs
  countMember(group, member, 1)
}

/** Lets a JoinGroup wait. One that waited before is displaced: Kafka never answers it, here it is told to join again. */
export function parkJoin(turn: Turn, member: Member, parked: Parked): void {
  unparkJoin(turn, member, ErrorCode.REBALANCE_IN_PROGRESS, member.memberId)
  member.parkedJoin = parked
  turn.group.parkedJoins++
}

/** Lets a SyncGroup wait; one that waited before is displaced like a JoinGroup. */
export function parkSync(turn: Turn, member: Member, parked: Parked): void {
  unparkSync(turn, member, ErrorCode.REBALANCE_IN_PROGRESS)
  member.parkedSync = parked
}

/** Takes the waiting JoinGroup, to be answered by the caller. */
export function takeJoin(group: Group, member: Member): Parked | null {
  const parked = member.parkedJoin
  if (parked) group.parkedJoins--
  member.parkedJoin = null
  return parked
}

export function takeSync(member: Member): Ticket | null {
  const ticket = member.parkedSync?.ticket ?? null
  member.parkedSync = null
  return ticket
}

export function unparkJoin(turn: Turn, member: Member, errorCode: number, memberId: string): void {
  const parked = takeJoin(turn.group, member)
  if (parked) turn.answer(parked.ticket, joinGroupRefusal(errorCode, memberId, parked.apiVersion))
}

export function unparkSync(turn: Turn, member: Member, errorCode: number): void {
  const ticket = takeSync(member)
  if (ticket !== null) turn.answer(ticket, syncGroupRefusal(errorCode))
}

/** Starts a member's session anew. */
export function renewSession(group: Group, member: Member, monotonic: number): void {
  member.deadline = monotonic + member.sessionTimeoutMs
  armDeadline(group, member.deadline)
}

/** Takes a member off the list of those whose SyncGroup is awaited; with the last one the timer ends. */
export function forgetPendingSync(group: Group, memberId: string): void {
  group.pendingSync.delete(memberId)
  if (group.pendingSync.size === 0) group.pendingSyncDeadline = never
}

export function clearPendingSync(group: Group): void {
  group.pendingSync.clear()
  group.pendingSyncDeadline = never
}

/** The longest rebalance timeout of the members; 0 without members, so that nothing waits for nobody. */
export function rebalanceTimeout(group: Group): number {
  let longest = 0
  let first = true
  for (const { rebalanceTimeoutMs } of group.members.values()) {
    if (first || rebalanceTimeoutMs > longest) longest = rebalanceTimeoutMs
    first = false
  }
  return longest
}

/** How a request names its member; `generationId` where it says one. */
export interface MemberNamed {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly generationId?: number
}

/**
 * Steps that every request of a member passes first (specification 2.5.3): NONE, 25, or 82 if its instance moved on.
 * A generation that was handed out and lost in a crash had members that the group as it was stored does not know: nobody
 * has taken their places, so they are asked to join again. (Better: Kafka answers 82, which ends them for good.)
 */
export function validateMember(group: Group, { memberId, groupInstanceId, generationId = -1 }: MemberNamed): number {
  if (groupInstanceId !== null) {
    const owner = group.staticMembers.get(groupInstanceId)
    const isOfLostGeneration = generationId > group.generation && generationId <= group.reservedGeneration
    if (owner === undefined || (owner !== memberId && isOfLostGeneration)) return ErrorCode.UNKNOWN_MEMBER_ID
    if (owner !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
}

/** Takes a member into what its group knows of all of them, or out of it. */
export function countMember(group: Group, member: Member, by: 1 | -1): void {
  group.memberBytes += by * bytesOfMember(member)
  // A name listed twice counts once; Kafka counts it twice, then finds no common protocol.
  for (const name of new Set(member.protocols.map((protocol) => protocol.name))) {
    const count = (group.supportedProtocols.get(name) ?? 0) + by
    if (count === 0) group.supportedProtocols.delete(name)
    else group.supportedProtocols.set(name, count)
  }
}
