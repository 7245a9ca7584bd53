import { offsetDeleteRefusal } from '@rivven/groups'
import { ErrorCode, OffsetDelete, type OffsetDeleteRequest, type OffsetDeleteResponse } from '@rivven/protocol'
import type { Catalog } from '../../catalog/catalog.js'
import { handler, type RequestContext } from '../handler.js'
import { denial, mayOnTopic } from '../rights/denial.js'

/** What does not exist is answered here, the rest by the group; an error of the group stands alone (classic-groups.md §3.4). */
export const handleOffsetDelete = handler(OffsetDelete, async (request, { catalog, coordinator }, context) => {
  const denied = denial(context, 'DELETE', 'GROUP', request.groupId)
  if (denied !== ErrorCode.NONE) return offsetDeleteRefusal(denied)
  const known = parted(request, { catalog, context }, true).filter((topic) => topic.partitions.length > 0)
  const others = parted(request, { catalog, context }, false).filter((topic) => topic.partitions.length > 0)
  const refused = others.map(({ name, partitions }) => {
    const errorCode = denial(context, 'READ', 'TOPIC', name) || ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }
  })
  if (known.length === 0 && refused.length > 0) return { errorCode: ErrorCode.NONE, throttleTimeMs: 0, topics: refused }
  const answer = await coordinator.deleteOffsets({ ...request, topics: known }, context)
  return answer.errorCode === ErrorCode.NONE ? { ...answer, topics: together(answer.topics, refused) } : answer
})

/** The partitions that may be asked of the group, or the others. */
function parted(
  { topics }: OffsetDeleteRequest,
  { catalog, context }: { catalog: Catalog; context: RequestContext },
  wanted: boolean,
): OffsetDeleteRequest['topics'] {
  return topics.map(({ name, partitions }) => {
    const isOpen = mayOnTopic(context, 'READ', name)
    const count = isOpen ? (catalog.topic(name)?.partitionCount ?? 0) : 0
    return {
      name,
      partitions: partitions.filter(({ partitionIndex }) => (partitionIndex >= 0 && partitionIndex < count) === wanted),
    }
  })
}

/** One entry a topic. */
function together(
  deleted: OffsetDeleteResponse['topics'],
  refused: OffsetDeleteResponse['topics'],
): OffsetDeleteResponse['topics'] {
  const byName = new Map<string, OffsetDeleteResponse['topics'][number]['partitions']>()
  for (const { name, partitions } of [...deleted, ...refused]) {
    const known = byName.get(name)
    if (!known) byName.set(name, [...partitions])
    else for (const partition of partitions) known.push(partition)
  }
  return Array.from(byName, ([name, partitions]) => ({ name, partitions }))
}
