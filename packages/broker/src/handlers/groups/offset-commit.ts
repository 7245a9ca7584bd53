import { offsetCommitRefusal } from '@rivven/groups'
import { ErrorCode, OffsetCommit, type OffsetCommitRequest, type OffsetCommitResponse } from '@rivven/protocol'
import type { Catalog } from '../../catalog/catalog.js'
import { handler, type RequestContext } from '../handler.js'
import { denial } from '../rights/denial.js'
import { withReasonFor } from './told-reason.js'

type CommitTopic = OffsetCommitRequest['topics'][number]
type CommittedTopic = OffsetCommitResponse['topics'][number]

/** A topic of the request, split into what can be committed and what is answered here. */
interface SplitTopic {
  readonly known: CommitTopic
  readonly refused: CommittedTopic['partitions']
}

/**
 * Offsets of topics and partitions that exist go to the group, the others are answered here (classic-groups.md §3.1); where
 * nothing is left, the group is not asked at all. Version 10 names topics by id.
 */
export const handleOffsetCommit = handler(
  OffsetCommit,
  (request, services, context) => {
    const { catalog, coordinator } = services
    const denied = denial(context, 'READ', 'GROUP', request.groupId)
    if (denied !== ErrorCode.NONE) return offsetCommitRefusal(request, denied)
    const topics = request.topics.map((topic) => split(topic, catalog, context))
    const known = topics.filter((topic) => topic.known.partitions.length > 0).map((topic) => topic.known)
    if (known.length === 0)
      return { throttleTimeMs: 0, topics: topics.map(({ known: topic, refused }) => answered(topic, refused)) }
    const answer = withReasonFor(services, context, coordinator.commitOffsets({ ...request, topics: known }, context))
    if (topics.every(({ refused }) => refused.length === 0)) return answer
    return Promise.resolve(answer).then((committed) => withRefused(committed, topics))
  },
  // A shard stores commits in the order in which they come: one need not wait for the disk of the one before.
  { overlaps: true },
)

function split(topic: CommitTopic, catalog: Catalog, context: RequestContext): SplitTopic {
  const byId = context.apiVersion >= 10
  const found = byId ? catalog.topicById(topic.topicId) : catalog.topic(topic.name)
  const denied = byId && !found ? ErrorCode.NONE : denial(context, 'READ', 'TOPIC', found?.name ?? topic.name)
  const count = denied === ErrorCode.NONE ? (found?.partitionCount ?? 0) : 0
  const exists = ({ partitionIndex }: { partitionIndex: number }) => partitionIndex >= 0 && partitionIndex < count
  const name = found?.name ?? topic.name
  if (count > 0 && topic.partitions.every(exists)) return { known: byId ? { ...topic, name } : topic, refused: [] }
  const unknown = byId && !found ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const errorCode = denied === ErrorCode.NONE ? unknown : denied
  const missing = topic.partitions.filter((partition) => !exists(partition))
  return {
    known: { ...topic, name, partitions: topic.partitions.filter(exists) },
    refused: missing.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }
}

function answered({ name, topicId }: CommitTopic, partitions: CommittedTopic['partitions']): CommittedTopic {
  return { name, topicId, partitions }
}

/** The group answers the topics it was given in their order. */
function withRefused(committed: OffsetCommitResponse, topics: readonly SplitTopic[]): OffsetCommitResponse {
  const given = committed.topics[Symbol.iterator]()
  const all = topics.map(({ known, refused }) => {
    const stored: CommittedTopic['partitions'] = known.partitions.length > 0 ? given.next().value!.partitions : []
    return answered(known, [...stored, ...refused])
  })
  return { ...committed, topics: all }
}
