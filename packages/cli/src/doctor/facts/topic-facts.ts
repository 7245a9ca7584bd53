import type { Admin } from '@rivven/client'
import type { TopicFact } from '@rivven/doctor'

/** How many partitions these topics have, and how long they keep records. Those that are gone are left out. */
export async function topicFacts(admin: Admin, names: readonly string[]): Promise<TopicFact[]> {
  const wanted = new Set(names)
  const topics = (await admin.listTopics()).filter(({ name }) => wanted.has(name))
  if (topics.length === 0) return []
  const keys = ['retention.ms', 'cleanup.policy']
  const described = await admin.describeConfigs(topics.map(({ name }) => ({ type: 'topic' as const, name, keys })))
  return topics.map(({ name, partitions }, at) => {
    const configs = new Map(described[at]!.configs.map((entry) => [entry.name, entry.value]))
    return { topic: name, partitionCount: partitions.length, retentionMs: retentionOf(configs) }
  })
}

function retentionOf(configs: ReadonlyMap<string, string | null>): number | null {
  const retentionMs = Number(configs.get('retention.ms') ?? -1)
  const isDeleting = (configs.get('cleanup.policy') ?? 'delete').split(',').includes('delete')
  return isDeleting && retentionMs >= 0 ? retentionMs : null
}
