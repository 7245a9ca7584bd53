import { ErrorCode, type HeartbeatRequest } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import { heartbeatAnswer } from '../refusals.js'
import { reasonFor } from '../reset/fenced-members.js'
import type { GroupShard } from '../shard.js'
import { answerOnly } from '../turn.js'
import { renewSession, validateMember } from './members.js'

/**
 * Heartbeat (specification 2.8), O(1): it moves the member's deadline and no timer. Only PreparingRebalance answers
 * REBALANCE_IN_PROGRESS, and it renews the session too.
 */
export function heartbeat(shard: GroupShard, { request, ticket, now }: Call<HeartbeatRequest>): Decision {
  const errorCode = beat(shard, request, now.monotonic)
  if (errorCode === ErrorCode.NONE) return answerOnly(ticket, heartbeatAnswer(errorCode))
  const group = shard.groups.get(request.groupId)
  return answerOnly(ticket, heartbeatAnswer(errorCode, group ? reasonFor(group, request.memberId) : null))
}

function beat(shard: GroupShard, request: HeartbeatRequest, monotonic: number): number {
  if (request.groupId === '') return ErrorCode.INVALID_GROUP_ID
  const group = shard.groups.get(request.groupId)
  if (!group) return ErrorCode.UNKNOWN_MEMBER_ID
  const errorCode = validateMember(group, request)
  const member = group.members.get(request.memberId)
  if (errorCode !== ErrorCode.NONE || !member) return errorCode
  if (request.generationId !== group.generation) return ErrorCode.ILLEGAL_GENERATION
  renewSession(group, member, monotonic)
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}
