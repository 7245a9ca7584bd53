import type { Admin, TopicPartition } from '@rivven/client'
import type { NewestFact } from '@rivven/doctor'

/** The newest record of each partition by its timestamp; empty partitions have none. */
export async function newestRecords(admin: Admin, places: readonly TopicPartition[]): Promise<NewestFact[]> {
  if (places.length === 0) return []
  const queries = places.map(({ topic, partition }) => ({ topic, partition, timestamp: 'maxTimestamp' as const }))
  const found = await admin.listOffsets(queries)
  return found
    .filter(({ timestamp }) => timestamp >= 0)
    .map(({ topic, partition, timestamp, offset }) => ({ topic, partition, timestamp, offset }))
}
