import { ErrorCode, type LeaveGroupRequest, type LeaveGroupResponse } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import type { Group } from '../group.js'
import type { RebalanceCause } from '../rebalance-note.js'
import { leaveGroupRefusal, leavingMembers } from '../refusals.js'
import type { GroupShard } from '../shard.js'
import { answerOnly, Turn } from '../turn.js'
import { leaveCause } from './causes.js'
import { lastOf } from './last-of-member.js'
import { removeMember, validateMember } from './members.js'
import { completeIfAllJoined, prepareRebalance, type RebalanceReason } from './rebalance.js'

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
  const outcomes = leaving.map((named) => ({ named, ...leave(turn, named, leaveCause(named, leaving.length)) }))
  const left = outcomes.map(({ named, errorCode }) => outcomeOf(named, errorCode))
  turn.answer(ticket, leaveAnswer(left, context.apiVersion))
  const first = outcomes.find(({ why }) => why)
  if (first?.why) prepareRebalance(turn, first.why)
  else completeIfAllJoined(turn)
  return turn.decide()
}

function leave(turn: Turn, named: Leaving, cause: RebalanceCause): { errorCode: number; why?: RebalanceReason } {
  const { memberId, groupInstanceId, reason } = named
  const { group } = turn
  // A handed-out id is dropped without a rebalance: nobody waits for it outside of PreparingRebalance.
  if (group.pendingJoin.delete(memberId)) return { errorCode: ErrorCode.NONE }
  const id = memberId === '' ? idOfInstance(group, groupInstanceId) : memberId
  const errorCode = validateMember(group, { memberId: id, groupInstanceId })
  const member = group.members.get(id)
  if (errorCode !== ErrorCode.NONE || !member) return { errorCode }
  const why = { cause, member, reason }
  removeMember(turn, member)
  turn.note('left', { ...why, facts: { last: lastOf(member) } })
  return { errorCode: ErrorCode.NONE, why }
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
