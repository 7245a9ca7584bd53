import { ErrorCode, type OffsetFetchRequest, type OffsetFetchResponse, ZERO_UUID } from '@rivven/protocol'
import type { CommittedOffset } from '../events.js'
import type { Group } from '../group.js'
import type { GroupShard } from '../shard.js'

export type FetchedGroup = OffsetFetchResponse['groups'][number]
type FetchedPartition = FetchedGroup['topics'][number]['partitions'][number]
/** One group of an OffsetFetch, in the shape of version 8 and later; `topics: null` asks for all. */
export type OffsetsAsked = Pick<OffsetFetchRequest['groups'][number], 'groupId' | 'topics'>

/**
 * The offsets of one group (specification 3.2). The caller has checked access and knows topic ids; where it gives one that
 * differs from the stored one, the topic was made anew and there is no offset. Unknown groups just have none.
 */
export function fetchOffsets(shard: GroupShard, asked: OffsetsAsked, requireStable: boolean): FetchedGroup {
  const group = shard.groups.get(asked.groupId)
  const topics = asked.topics
    ? asked.topics.map(({ name, topicId, partitionIndexes }) => ({
        name,
        topicId,
        partitions: partitionIndexes.map((index) => fetchedPartition(group, { name, topicId, index }, requireStable)),
      }))
    : allTopics(group, requireStable)
  return { groupId: asked.groupId, topics, errorCode: ErrorCode.NONE }
}

function allTopics(group: Group | undefined, requireStable: boolean): FetchedGroup['topics'] {
  if (!group) return []
  return Array.from(group.offsets.committed, ([name, partitions]) => ({
    name,
    topicId: topicIdOf(partitions),
    partitions: Array.from(partitions.keys(), (index) =>
      fetchedPartition(group, { name, topicId: ZERO_UUID, index }, requireStable),
    ),
  }))
}

function fetchedPartition(
  group: Group | undefined,
  { name, topicId, index }: { name: string; topicId: string; index: number },
  requireStable: boolean,
): FetchedPartition {
  if (requireStable && group?.offsets.isPending(name, index)) return none(index, ErrorCode.UNSTABLE_OFFSET_COMMIT)
  const committed = group?.offsets.get(name, index)
  if (!committed || isOfAnotherTopic(committed, topicId)) return none(index, ErrorCode.NONE)
  return {
    partitionIndex: index,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: ErrorCode.NONE,
  }
}

function none(partitionIndex: number, errorCode: number): FetchedPartition {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode }
}

function isOfAnotherTopic(committed: CommittedOffset, topicId: string): boolean {
  return topicId !== ZERO_UUID && committed.topicId !== ZERO_UUID && committed.topicId !== topicId
}

/** The newest id the offsets of a topic were stored with. */
function topicIdOf(partitions: ReadonlyMap<number, CommittedOffset>): string {
  let newest: CommittedOffset | null = null
  for (const offset of partitions.values()) {
    if (offset.topicId === ZERO_UUID) continue
    if (!newest || offset.commitTimestamp >= newest.commitTimestamp) newest = offset
  }
  return newest?.topicId ?? ZERO_UUID
}
