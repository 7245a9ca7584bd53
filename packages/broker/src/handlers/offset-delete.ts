import { ErrorCode, OffsetDelete, type OffsetDeleteRequest, type OffsetDeleteResponse } from '@rivven/protocol'
import type { Catalog } from '../catalog/catalog.js'
import { handler } from './handler.js'

/** What does not exist is answered here, the rest by the group; an error of the group stands alone (classic-groups.md §3.4). */
export const handleOffsetDelete = handler(OffsetDelete, async (request, { catalog, coordinator }, context) => {
  const known = parted(request, catalog, true).filter((topic) => topic.partitions.length > 0)
  const unknown = parted(request, catalog, false).filter((topic) => topic.partitions.length > 0)
  const refused = unknown.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    })),
  }))
  if (known.length === 0 && refused.length > 0) return { errorCode: ErrorCode.NONE, throttleTimeMs: 0, topics: refused }
  const answer = await coordinator.deleteOffsets({ ...request, topics: known }, context)
  return answer.errorCode === ErrorCode.NONE ? { ...answer, topics: together(answer.topics, refused) } : answer
})

function parted({ topics }: OffsetDeleteRequest, catalog: Catalog, wanted: boolean): OffsetDeleteRequest['topics'] {
  return topics.map(({ name, partitions }) => {
    const count = catalog.topic(name)?.partitionCount ?? 0
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
