import { type ErrorFacts, errorFromCode } from '@rivven/link'
import { ErrorCode, OffsetCommit, OffsetDelete, OffsetFetch, type OffsetFetchResponse } from '@rivven/protocol'
import type { TopicPartition } from '../topic-partition.js'
import { type AdminCalls, asRequest, groupBy, resourceError, throwAny } from './calls.js'

export interface CommittedOffset extends TopicPartition {
  /** The next offset that the group will read. */
  offset: number
  /** -1 when it was not committed with one. */
  leaderEpoch: number
  metadata: string
}

export interface OffsetToCommit extends TopicPartition {
  offset: number
  leaderEpoch?: number
  metadata?: string
}

/** The newest version of OffsetCommit and OffsetFetch that names topics; later ones only know their ids. */
const maxVersion = 9

/** The error and the topics of an answer of any version: since version 8 groups are asked for in batches. */
function groupPart(answer: OffsetFetchResponse) {
  return answer.groups[0] ?? answer
}

export async function listGroupOffsets(
  calls: AdminCalls,
  group: string,
  partitions: readonly TopicPartition[] | null,
): Promise<CommittedOffset[]> {
  const topics =
    partitions &&
    [...groupBy(partitions, ({ topic }) => topic)].map(([name, entries]) => {
      return { name, partitionIndexes: entries.map(({ partition }) => partition) }
    })
  const request = (version: number) =>
    asRequest(OffsetFetch, version >= 8 ? { groups: [{ groupId: group, topics }] } : { groupId: group, topics })
  const what = `Listing offsets of group ${group}`
  const answer = await calls.toCoordinator(
    group,
    OffsetFetch,
    request,
    (answer) => [groupPart(answer).errorCode],
    maxVersion,
  )
  const found = groupPart(answer)
  if (found.errorCode !== ErrorCode.NONE)
    throw errorFromCode(found.errorCode, what, { facts: { group, operation: 'DESCRIBE' } })
  const all = found.topics.flatMap(({ name, partitions }) => partitions.map((entry) => ({ ...entry, topic: name })))
  throwPartitionErrors(what, { group, operation: 'DESCRIBE' }, all)
  return all
    .filter(({ committedOffset }) => committedOffset >= 0)
    .map(({ topic, partitionIndex, committedOffset, committedLeaderEpoch, metadata }) => {
      const place = { topic, partition: partitionIndex }
      return { ...place, offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata: metadata ?? '' }
    })
}

/** Commits as nobody's member, with generation -1: the coordinator takes it only while the group has no members. */
export async function alterGroupOffsets(
  calls: AdminCalls,
  group: string,
  offsets: readonly OffsetToCommit[],
): Promise<void> {
  const topics = [...groupBy(offsets, ({ topic }) => topic)].map(([name, entries]) => ({
    name,
    partitions: entries.map(({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata ?? '',
    })),
  }))
  const request = asRequest(OffsetCommit, { groupId: group, generationIdOrMemberEpoch: -1, memberId: '', topics })
  const answer = await calls.toCoordinator(
    group,
    OffsetCommit,
    request,
    ({ topics }) => topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)),
    maxVersion,
  )
  const results = answer.topics.flatMap(({ name, partitions }) =>
    partitions.map((entry) => ({ ...entry, topic: name })),
  )
  throwPartitionErrors(`Changing offsets of group ${group}`, { group, operation: 'READ' }, results)
}

export async function deleteGroupOffsets(
  calls: AdminCalls,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<void> {
  const topics = [...groupBy(partitions, ({ topic }) => topic)].map(([name, entries]) => {
    return { name, partitions: entries.map(({ partition }) => ({ partitionIndex: partition })) }
  })
  const what = `Deleting offsets of group ${group}`
  const request = asRequest(OffsetDelete, { groupId: group, topics })
  const answer = await calls.toCoordinator(group, OffsetDelete, request, ({ errorCode }) => [errorCode])
  if (answer.errorCode !== ErrorCode.NONE)
    throw errorFromCode(answer.errorCode, what, { facts: { group, operation: 'DELETE' } })
  const results = answer.topics.flatMap(({ name, partitions }) =>
    partitions.map((entry) => ({ ...entry, topic: name })),
  )
  throwPartitionErrors(what, { group, operation: 'READ' }, results)
}

function throwPartitionErrors(
  what: string,
  facts: ErrorFacts,
  results: readonly { topic: string; partitionIndex: number; errorCode: number }[],
): void {
  const failed = results.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
  throwAny(
    failed.map((result) => {
      const { topic, partitionIndex: partition } = result
      return resourceError(result, `${what} for ${topic}/${partition}`, { ...facts, topic, partition })
    }),
  )
}
