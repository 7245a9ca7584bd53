import { type Keep, keepClasses, keptForMs } from '../../database/metadata.js'
import type { TopicLogConfig } from '../../log/logs.js'

/** The class of a topic's records: the lowest one that is kept for as long as they are. */
export function keepOf({ cleanupPolicy, retentionMs }: Pick<TopicLogConfig, 'cleanupPolicy' | 'retentionMs'>): Keep {
  const isForEver = cleanupPolicy.compact || !cleanupPolicy.delete || retentionMs < 0
  return keepClasses.find((keep) => keptForMs[keep] >= (isForEver ? Number.POSITIVE_INFINITY : retentionMs)) ?? 'kept'
}
