import { ErrorCode, type LeaveGroupRequest, type LeaveGroupResponse } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import type { Group, Member } from '../group.js'
import { leaveGroupRefusal, leavingMembers } from '../refusals.js'
import type { GroupShard } from '../shard.js'
import { answerOnly, Turn } from '../turn.js'
import { removeMember, validateMember } from './members.js'
import { completeIfAllJoined, prepareRebalance } from './rebalance.js'

type Leaving = LeaveGroupRequest['members'][number]
type Left = LeaveGroupResponse['members'][number]

/** LeaveGroup (specification 2.9): each member named is judged for itself; then at most one rebalance begins. */
export function leaveGroup(shard: GroupShard, call: Call<LeaveGroupRequest>): Decision {
  const { request, ticket, context, now } = call
  if (request.groupId === '') return answerOnly(ticket, leaveGroupRefusal(ErrorCode.INVALID_GROUP_ID))
  const leaving = leavingMembers(request, context.apiVersion)
  const group = shard.groups.get(request.groupId)
  if (!group) {
    const left = leaving.map((named) => outcomeOf(named, ErrorCode.UNKNOWN_MEMBER_ID))
    return answerOnly(ticket, leaveAnswer(left, context.apiVersion))
  }
  const turn = new Turn(shard, group, now)
  const outcomes = leaving.map((named) => ({ named, ...leave(turn, named) }))
  const left = outcomes.map(({ named, errorCode }) => outcomeOf(named, errorCode))
  turn.answer(ticket, leaveAnswer(left, context.apiVersion))
  const first = outcomes.find(({ gone }) => gone)
  if (first) prepareRebalance(turn, { cause: 'member left', member: first.gone, reason: first.named.reason })
  else completeIfAllJoined(turn)
  return turn.decide()
}

function leave(turn: Turn, { memberId, groupInstanceId }: Leaving): { errorCode: number; gone?: Member } {
  const { group } = turn
  // A handed-out id is dropped without a rebalance: nobody waits for it outside of PreparingRebalance.
  if (group.pendingJoin.delete(memberId)) return { errorCode: ErrorCode.NONE }
  const named = memberId === '' ? idOfInstance(group, groupInstanceId) : memberId
  const errorCode = validateMember(group, named, groupInstanceId)
  const member = group.members.get(named)
  if (errorCode !== ErrorCode.NONE || !member) return { errorCode }
  removeMember(turn, member)
  return { errorCode: ErrorCode.NONE, gone: member }
}

/** An administrator takes a static member out by its instance id alone. */
function idOfInstance(group: Group, groupInstanceId: string | null): string {
  return groupInstanceId === null ? '' : (group.staticMembers.get(groupInstanceId) ?? '')
}

function outcomeOf({ memberId, groupInstanceId }: Leaving, errorCode: number): Left {
  return { memberId, groupInstanceId, errorCode }
}

/** Up to version 2 there is one member, and its error is the answer's. */
function leaveAnswer(left: Left[], apiVersion: number): LeaveGroupResponse {
  if (apiVersion < 3) return leaveGroupRefusal(left[0].errorCode)
  return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, members: left }
}
