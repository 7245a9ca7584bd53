import { ErrorCode, type JoinGroupRequest } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import { armDeadline, createGroup, type Group, type Member } from '../group.js'
import { bytesOfMember, bytesOfProtocols } from '../member-room.js'
import { joinGroupRefusal, noBytes } from '../refusals.js'
import type { GroupShard } from '../shard.js'
import { answerOnly, Turn } from '../turn.js'
import { rejoinCause } from './causes.js'
import { joinInitialWait } from './initial-wait.js'
import { joinGroupAnswer } from './join-answer.js'
import type { Joining } from './joining.js'
import { insertMember, parkJoin, removeMember, updateMember, validateMember } from './members.js'
import { completeIfAllJoined, prepareRebalance } from './rebalance.js'
import { replaceStaticMember } from './static-member.js'
import { isCompatible, sameProtocols } from './voting.js'

const longestPrefix = 1_000

/**
 * JoinGroup (specification 2.2): answered at once with an error, a fresh member id (79) or the current generation,
 * or parked until the join phase completes.
 */
export function joinGroup(shard: GroupShard, call: Call<JoinGroupRequest>): Decision {
  const { request, ticket, context, now } = call
  const refuse = (errorCode: number, memberId = request.memberId) =>
    answerOnly(ticket, joinGroupRefusal(errorCode, memberId, context.apiVersion))
  if (request.groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = shard.config
  if (request.sessionTimeoutMs < minSessionTimeoutMs || request.sessionTimeoutMs > maxSessionTimeoutMs) {
    return refuse(ErrorCode.INVALID_SESSION_TIMEOUT)
  }
  if (bytesOfProtocols(request.protocols) > shard.config.maxMemberBytes) return refuse(ErrorCode.INVALID_REQUEST)
  const known = shard.groups.get(request.groupId)
  if (!known && request.memberId !== '') return refuse(ErrorCode.UNKNOWN_MEMBER_ID)

  const group = known ?? createGroup(request.groupId)
  if (!hasRoom(shard, group, request)) return refuseForSize(shard, group, call)
  if (!isCompatible(group, request.protocolType, request.protocols)) return refuseForProtocols(shard, group, call)
  if (!hasBytesFor(shard, group, call)) return refuse(ErrorCode.POLICY_VIOLATION)
  if (!known) shard.groups.set(request.groupId, group)
  const turn = new Turn(shard, group, now)
  admit(turn, joiningOf(call))
  return turn.decide()
}

function admit(turn: Turn, joining: Joining): void {
  const { group } = turn
  const { memberId, groupInstanceId } = joining.request
  if (memberId === '') turn.shard.expected.came(group.groupId)
  if (memberId !== '') admitNamed(turn, joining)
  else if (groupInstanceId === null) admitDynamic(turn, joining)
  else admitStatic(turn, joining, group.staticMembers.get(groupInstanceId))
}

/** Somebody comes with a member id: one that was handed out, or a member's. */
function admitNamed(turn: Turn, joining: Joining): void {
  const { group } = turn
  const { memberId, groupInstanceId } = joining.request
  const { ticket, apiVersion } = joining.parked
  if (group.pendingJoin.has(memberId)) {
    // A handed-out id is a dynamic member's; with an instance id it is a bug of the client, answered as Kafka does.
    if (groupInstanceId === null) addMember(turn, joining, memberId)
    else turn.answer(ticket, joinGroupRefusal(ErrorCode.UNKNOWN_SERVER_ERROR, '', apiVersion))
    return
  }
  const errorCode = validateMember(group, { memberId, groupInstanceId })
  const member = group.members.get(memberId)
  if (errorCode === ErrorCode.NONE && member) rejoin(turn, joining, member)
  else turn.answer(ticket, joinGroupRefusal(errorCode, memberId, apiVersion))
}

/** KIP-394: from version 4 on the id is handed out first, so that a client whose answer got lost leaves no ghost behind. */
function admitDynamic(turn: Turn, joining: Joining): void {
  const memberId = newMemberId(turn, joining.clientId)
  const { ticket, apiVersion } = joining.parked
  if (apiVersion < 4) {
    addMember(turn, joining, memberId)
    return
  }
  if (turn.group.pendingJoin.size >= turn.shard.config.maxHandedOutIds) {
    turn.answer(ticket, joinGroupRefusal(ErrorCode.GROUP_MAX_SIZE_REACHED, '', apiVersion))
    return
  }
  const deadline = turn.now.monotonic + joining.request.sessionTimeoutMs
  turn.group.pendingJoin.set(memberId, deadline)
  armDeadline(turn.group, deadline)
  turn.answer(ticket, joinGroupRefusal(ErrorCode.MEMBER_ID_REQUIRED, memberId, apiVersion))
}

/** A static member is added at once in every version, or takes its place again. */
function admitStatic(turn: Turn, joining: Joining, oldId: string | undefined): void {
  const memberId = newMemberId(turn, joining.request.groupInstanceId ?? '')
  const old = oldId === undefined ? undefined : turn.group.members.get(oldId)
  if (old) replaceStaticMember(turn, joining, { old, memberId })
  else addMember(turn, joining, memberId)
}

/** Names may be as long as a string can be; with a suffix they must still fit into one. */
function newMemberId(turn: Turn, prefix: string): string {
  return `${prefix.slice(0, longestPrefix)}-${turn.shard.newId()}`
}

function addMember(turn: Turn, joining: Joining, memberId: string): void {
  const { group, now, shard } = turn
  const { request, terms, parked } = joining
  group.pendingJoin.delete(memberId)
  const member: Member = {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: joining.clientId,
    clientHost: joining.clientHost,
    ...terms,
    assignment: noBytes,
    parkedJoin: parked,
    parkedSync: null,
    isNew: true,
    deadline: now.monotonic + shard.config.newMemberJoinTimeoutMs,
    disconnectedAt: null,
  }
  insertMember(group, member, request.protocolType)
  armDeadline(group, member.deadline)
  joinInitialWait(group, now.monotonic)
  const cause = group.state === 'Empty' ? 'first member' : 'member joined'
  const why = { cause, member, reason: request.reason } as const
  turn.note('joined', why)
  prepareRebalance(turn, why)
}

/** A member of the group joins again (specification 2.3). */
function rejoin(turn: Turn, joining: Joining, member: Member): void {
  const { group } = turn
  const same = sameProtocols(member.protocols, joining.terms.protocols)
  const isLeader = group.leaderId === member.memberId
  const answerNow = same && (group.state === 'CompletingRebalance' || (group.state === 'Stable' && !isLeader))
  const { ticket, apiVersion } = joining.parked
  if (answerNow) {
    turn.answer(ticket, joinGroupAnswer(group, member, apiVersion))
    return
  }
  const { reason } = joining.request
  // Nobody asks why a member joins again while all do.
  const starts = group.state !== 'PreparingRebalance'
  const cause = starts ? rejoinCause(group, member, { protocols: joining.terms.protocols, reason }) : 'member rejoined'
  updateMember(group, member, joining.terms)
  parkJoin(turn, member, joining.parked)
  prepareRebalance(turn, { cause, member, reason })
}

/** group.max.size (specification 1.10). A static member that returns takes its own place, so it needs no room. */
function hasRoom(shard: GroupShard, group: Group, request: JoinGroupRequest): boolean {
  const { maxSize } = shard.config
  if (group.state === 'Empty') return true
  const member = memberOf(group, request)
  if (group.state === 'PreparingRebalance') return member?.parkedJoin != null || group.parkedJoins < maxSize
  return member !== undefined || group.members.size < maxSize
}

/** What members tell of themselves is bounded in all groups together; one that tells no more than before goes on. */
function hasBytesFor({ memberRoom }: GroupShard, group: Group, { request, context }: Call<JoinGroupRequest>): boolean {
  const before = memberOf(group, request)
  return memberRoom.take(bytesOfMember({ ...context, ...request }) - (before ? bytesOfMember(before) : 0))
}

function memberOf(group: Group, { memberId, groupInstanceId }: JoinGroupRequest): Member | undefined {
  const named = memberId === '' && groupInstanceId !== null ? group.staticMembers.get(groupInstanceId) : memberId
  return named === undefined ? undefined : group.members.get(named)
}

/** Whoever finds the group full is out of it, and the others wait for it no longer. */
function refuseForSize(shard: GroupShard, group: Group, call: Call<JoinGroupRequest>): Decision {
  const turn = new Turn(shard, group, call.now)
  turn.answer(call.ticket, joinGroupRefusal(ErrorCode.GROUP_MAX_SIZE_REACHED, '', call.context.apiVersion))
  const member = memberOf(group, call.request)
  const { groupInstanceId } = call.request
  if (member && validateMember(group, { memberId: member.memberId, groupInstanceId }) === ErrorCode.NONE) {
    removeMember(turn, member)
    turn.note('removed', { cause: 'group larger than its maximum', member })
  }
  if (group.state === 'PreparingRebalance') {
    group.pendingJoin.delete(call.request.memberId)
    completeIfAllJoined(turn)
  }
  return turn.decide()
}

/**
 * Of members that were loaded only the protocol they use is known, not what else they offer: they are asked to join again,
 * so that the next try may succeed. (Better: Kafka refuses until the group rebalances for another reason.)
 */
function refuseForProtocols(shard: GroupShard, group: Group, call: Call<JoinGroupRequest>): Decision {
  const { request, context } = call
  const { memberId, protocolType } = request
  const turn = new Turn(shard, group, call.now)
  const refuse = (code: number) => turn.answer(call.ticket, joinGroupRefusal(code, memberId, context.apiVersion))
  const mayFit = group.loadedAt !== null && group.members.size > 0 && protocolType === group.protocolType
  const isStranger = memberId !== '' && !group.pendingJoin.has(memberId) && !group.members.has(memberId)
  refuse(mayFit && isStranger ? ErrorCode.UNKNOWN_MEMBER_ID : ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  if (mayFit && !isStranger) prepareRebalance(turn, { cause: 'coordinator moved' })
  return turn.decide()
}

function joiningOf({ ticket, request, context, now }: Call<JoinGroupRequest>): Joining {
  const { apiVersion, clientId, clientHost } = context
  const { sessionTimeoutMs } = request
  // A copy: metadata stay for as long as the member does, and would keep the whole frame that they came in.
  const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }))
  // Version 0 has no rebalance timeout: the session timeout stands for it.
  const rebalanceTimeoutMs = apiVersion === 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs
  const terms = { protocols, sessionTimeoutMs, rebalanceTimeoutMs }
  return { request, parked: { ticket, apiVersion, since: now.monotonic }, terms, clientId, clientHost }
}
