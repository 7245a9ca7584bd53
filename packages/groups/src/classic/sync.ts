import { ErrorCode, type SyncGroupRequest, type SyncGroupResponse } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import { armDeadline, type Group, type Member } from '../group.js'
import { noBytes, syncGroupRefusal } from '../refusals.js'
import { nothingForAll } from '../reset/hand-over.js'
import { isDrained } from '../reset/reset-deadline.js'
import type { GroupShard } from '../shard.js'
import { answerOnly, Turn } from '../turn.js'
import { forgetPendingSync, parkSync, renewSession, takeSync, validateMember } from './members.js'
import { storedGroup } from './rebalance.js'

/**
 * SyncGroup (specification 2.7): in CompletingRebalance it waits for the leader's, which stores the assignment and answers
 * all; in Stable the stored assignment is answered at once.
 */
export function syncGroup(shard: GroupShard, call: Call<SyncGroupRequest>): Decision {
  const { request, ticket, context, now } = call
  const refuse = (errorCode: number) => answerOnly(ticket, syncGroupRefusal(errorCode))
  const unnamed = request.protocolType === null || request.protocolName === null
  if (context.apiVersion >= 5 && unnamed) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  if (request.groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
  const group = shard.groups.get(request.groupId)
  if (!group) return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
  const errorCode = validateMember(group, request)
  const member = group.members.get(request.memberId)
  if (errorCode !== ErrorCode.NONE || !member) return refuse(errorCode)
  if (request.generationId !== group.generation) return refuse(ErrorCode.ILLEGAL_GENERATION)
  if (!namesProtocolOf(group, request)) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)

  const turn = new Turn(shard, group, now)
  switch (group.state) {
    case 'Empty':
      return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
    case 'PreparingRebalance':
      return refuse(ErrorCode.REBALANCE_IN_PROGRESS)
    case 'CompletingRebalance':
      if (largestAssignment(request) > shard.config.maxMemberBytes) return refuse(ErrorCode.INVALID_REQUEST)
      if (group.leaderId === member.memberId && !hasBytesFor(shard, group, request))
        return refuse(ErrorCode.POLICY_VIOLATION)
      parkSync(turn, member, { ticket, apiVersion: context.apiVersion, since: now.monotonic })
      forgetPendingSync(group, member.memberId)
      if (group.leaderId === member.memberId) storeAssignments(turn, member, request)
      return turn.decide()
    case 'Stable':
      forgetPendingSync(group, member.memberId)
      joinAgainIfDrained(turn)
      // It has been away for some of its session; now it is heard of.
      renewSession(group, member, now.monotonic)
      return answerOnly(ticket, assignmentAnswer(group, member.assignment), group.nextDeadline)
  }
}

/** From version 5 on a member says which protocol it believes the group to have (KIP-559); a group may not have one yet. */
function namesProtocolOf(group: Group, { protocolType, protocolName }: SyncGroupRequest): boolean {
  return agrees(protocolType, group.protocolType) && agrees(protocolName, group.protocolName)
}

function agrees(named: string | null, actual: string | null): boolean {
  return named === null || actual === null || named === actual
}

function largestAssignment({ assignments }: SyncGroupRequest): number {
  return assignments.reduce((largest, { assignment }) => Math.max(largest, assignment.length), 0)
}

/** Assignments that take no more than the stored ones always have room. */
function hasBytesFor({ memberRoom }: GroupShard, group: Group, { assignments }: SyncGroupRequest): boolean {
  return memberRoom.take(assignments.reduce((sum, { assignment }) => sum + assignment.length, -group.assignmentBytes))
}

/** T7: members the leader left out get zero-length bytes. */
function storeAssignments(turn: Turn, leader: Member, request: SyncGroupRequest): void {
  const { group, now } = turn
  const isDraining = group.reset?.stage === 'draining'
  const assignments = isDraining ? nothingForAll(turn) : assignmentsIn(request, group)
  const settled = storedGroup(group, now.wall, assignments)
  turn.emit({ kind: 'GroupStored', groupId: group.groupId, group: settled })
  turn.note('stable', { member: leader, facts: { settled } })
  for (const member of group.members.values()) {
    if (member.parkedSync) answerParkedSync(turn, member, assignments.get(member.memberId) ?? noBytes)
  }
  if (group.reset && isDraining) {
    group.reset.stage = 'drained'
    if (group.pendingSync.size === 0) armDeadline(group, now.monotonic)
  }
}

/** Of two assignments for one member the last counts. */
function assignmentsIn({ assignments }: SyncGroupRequest, { members }: Group): Map<string, Buffer> {
  const byMember = new Map<string, Buffer>()
  for (const { memberId, assignment } of assignments) {
    // A copy: it stays, and would keep the whole frame that it came in. Nobody keeps what is for no member.
    if (members.has(memberId)) byMember.set(memberId, Buffer.from(assignment))
  }
  return byMember
}

/** The last one has heard that it has nothing: the next join phase begins at once, so that a reset waits for no heartbeat. */
function joinAgainIfDrained({ group, now }: Turn): void {
  if (group.reset && isDrained({ group }, group.reset)) armDeadline(group, now.monotonic)
}

function answerParkedSync(turn: Turn, member: Member, assignment: Buffer): void {
  const ticket = takeSync(member)
  if (ticket === null) return
  turn.answer(ticket, assignmentAnswer(turn.group, assignment))
  renewSession(turn.group, member, turn.now.monotonic)
}

function assignmentAnswer({ protocolType, protocolName }: Group, assignment: Buffer): SyncGroupResponse {
  return { throttleTimeMs: 0, errorCode: 0, protocolType, protocolName, assignment }
}
