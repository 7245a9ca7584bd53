import type { Catalog } from '../../catalog/catalog.js'
import type { OwnStorage } from '../../storage/own-storage.js'

/**
 * Clears away what is stored of partitions that the catalog does not know. Only what is left of a deleted topic is removed;
 * anything else may be all that somebody has, and is set aside.
 */
export async function clearStrays(
  storage: OwnStorage,
  catalog: Pick<Catalog, 'topicById'>,
  deletedTopics: ReadonlySet<string>,
): Promise<void> {
  for (const key of await storage.listPartitions()) {
    if (key.partition < (catalog.topicById(key.topicId)?.partitionCount ?? 0)) continue
    await (deletedTopics.has(key.topicId) ? storage.removePartition(key) : storage.setAsidePartition(key))
  }
}
