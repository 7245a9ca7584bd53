import { ErrorCode, type OffsetDeleteRequest } from '@rivven/protocol'
import type { Call, Decision } from '../decision.js'
import type { GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import { offsetDeleteRefusal } from '../refusals.js'
import { withSnapshot } from '../reset/administrative.js'
import { administratorOf } from '../reset/administrator.js'
import type { GroupShard } from '../shard.js'
import { answerOnly } from '../turn.js'

/** OffsetDelete (specification 3.4): offsets of topics that a group does not subscribe to. The caller left out unknown topics. */
export function deleteOffsets(shard: GroupShard, call: Call<OffsetDeleteRequest>): Decision {
  const { request, ticket, context, now } = call
  const { groupId } = request
  const refuse = (errorCode: number) => answerOnly(ticket, offsetDeleteRefusal(errorCode))
  if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
  const group = shard.groups.get(groupId)
  if (!group) return refuse(ErrorCode.GROUP_ID_NOT_FOUND)
  if (group.members.size > 0 && group.protocolType !== 'consumer') return refuse(ErrorCode.NON_EMPTY_GROUP)

  const events: GroupEvent[] = []
  const topics = request.topics.map(({ name, partitions }) => {
    const errorCode = isSubscribed(group, name) ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE
    for (const { partitionIndex: partition } of errorCode === ErrorCode.NONE ? partitions : []) {
      if (group.offsets.get(name, partition) || group.offsets.isPending(name, partition)) {
        events.push({ kind: 'OffsetDeleted', groupId, topic: name, partition })
      }
    }
    return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }
  })
  const response = { errorCode: ErrorCode.NONE, throttleTimeMs: 0, topics }
  const changed = withSnapshot(
    { shard, group, now },
    { who: administratorOf(context), mode: 'offsets deleted', events },
  )
  return { ...changed, replies: [{ ticket, response }], deadline: group.nextDeadline }
}

/** As long as the subscriptions of members are not known, every topic counts as subscribed. */
function isSubscribed(group: Group, topic: string): boolean {
  if (group.members.size === 0) return false
  return group.subscribedTopics === null || group.subscribedTopics.has(topic)
}
