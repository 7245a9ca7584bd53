import type { Admin, OffsetTime, TopicPartition } from '@rivven/client'
import { partitionKey } from './partition-key.js'

/** Offsets of partitions by `partitionKey`; those of topics that are gone, or that one may not see, are missing. */
export async function offsetsAt(
  admin: Admin,
  places: readonly TopicPartition[],
  timestamp: OffsetTime,
  isolationLevel?: 'read_committed',
): Promise<Map<string, number>> {
  const counts = new Map((await admin.listTopics()).map(({ name, partitions }) => [name, partitions.length]))
  const unique = new Map(
    places.map(({ topic, partition }) => [partitionKey({ topic, partition }), { topic, partition }]),
  )
  const queries = [...unique.values()]
    .filter(({ topic, partition }) => partition < (counts.get(topic) ?? 0))
    .map((place) => ({ ...place, timestamp }))
  if (queries.length === 0) return new Map()
  const found = await admin.listOffsets(queries, isolationLevel ? { isolationLevel } : {})
  return new Map(found.map((each) => [partitionKey(each), each.offset]))
}
