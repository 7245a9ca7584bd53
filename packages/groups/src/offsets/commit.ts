import { ErrorCode, type OffsetCommitRequest } from '@rivven/protocol'
import { renewSession, validateMember } from '../classic/members.js'
import type { Call, Decision } from '../decision.js'
import type { CommittedOffset, GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import { offsetCommitRefusal } from '../refusals.js'
import { isAdministrated, withSnapshot } from '../reset/administrative.js'
import { administratorOf } from '../reset/administrator.js'
import { reasonFor } from '../reset/fenced-members.js'
import type { GroupShard } from '../shard.js'
import { answerOnly } from '../turn.js'
import { offsetRoom } from './room.js'

type CommittedPartition = OffsetCommitRequest['topics'][number]['partitions'][number]

/**
 * OffsetCommit (specification 3.1), items 5 to 13: the caller has checked access, resolved topic ids to names and left out
 * unknown topics and partitions. The answer lists what the request lists.
 */
export function commitOffsets(shard: GroupShard, call: Call<OffsetCommitRequest>): Decision {
  const { request, ticket, context, now } = call
  const group = shard.groups.get(request.groupId)
  const errorCode = mayCommit(group, request, context.apiVersion)
  if (errorCode !== ErrorCode.NONE) {
    const reason = group ? reasonFor(group, request.memberId) : null
    return answerOnly(ticket, offsetCommitRefusal(request, errorCode, reason))
  }

  const member = group?.members.get(request.memberId)
  if (group && member) renewSession(group, member, now.monotonic)
  const events: GroupEvent[] = []
  const hasRoomFor = offsetRoom(shard, group)
  const topics = request.topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map((partition) => {
      const { partitionIndex } = partition
      if ((partition.committedMetadata ?? '').length > shard.config.offsetMetadataMaxBytes) {
        return { partitionIndex, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
      }
      const offset = committedOffset(partition, topicId, { now: now.wall, retentionMs: request.retentionTimeMs })
      if (!hasRoomFor(name, partitionIndex, offset)) return { partitionIndex, errorCode: ErrorCode.POLICY_VIOLATION }
      events.push({
        kind: 'OffsetCommitted',
        groupId: request.groupId,
        topic: name,
        partition: partitionIndex,
        offset,
      })
      return { partitionIndex, errorCode: ErrorCode.NONE }
    }),
  }))
  const replies = [{ ticket, response: { throttleTimeMs: 0, topics, reason: null } }]
  const deadline = group?.nextDeadline ?? Number.POSITIVE_INFINITY
  if (!group || !isAdministrated(group)) return { events, replies, deadline }
  // Nobody is a member: whoever commits is a tool, whichever it is.
  const { events: all, notes } = withSnapshot(
    { shard, group, now },
    { who: administratorOf(context), mode: 'commit', events },
  )
  return { events: all, replies, deadline, notes }
}

/** Who may commit: a member of this generation, or, as long as a group has no members, anybody without generation. */
function mayCommit(group: Group | undefined, request: OffsetCommitRequest, apiVersion: number): number {
  const { generationIdOrMemberEpoch: generation, memberId, groupInstanceId } = request
  if (!group) {
    if (generation < 0) return ErrorCode.NONE
    return apiVersion >= 9 ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION
  }
  if (generation < 0 && group.state === 'Empty') return ErrorCode.NONE
  const anonymous = generation < 0 && memberId === '' && groupInstanceId === null
  if (anonymous) return ErrorCode.UNKNOWN_MEMBER_ID
  const errorCode = validateMember(group, { memberId, groupInstanceId, generationId: generation })
  if (errorCode !== ErrorCode.NONE) return errorCode
  if (generation !== group.generation) return ErrorCode.ILLEGAL_GENERATION
  return group.state === 'CompletingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

function committedOffset(
  partition: CommittedPartition,
  topicId: string,
  { now, retentionMs }: { now: number; retentionMs: number },
): CommittedOffset {
  return {
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
    commitTimestamp: now,
    expireTimestamp: retentionMs === -1 ? -1 : now + retentionMs,
    topicId,
  }
}
