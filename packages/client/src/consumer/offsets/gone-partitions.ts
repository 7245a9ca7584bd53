import { RivvenError } from '@rivven/link'
import { ErrorCode } from '@rivven/protocol'
import type { OffsetToCommit } from '../../admin/group-offsets.js'
import type { Cluster } from '../../net/cluster.js'
import { type ClusterImage, partitionOf } from '../../net/cluster-image.js'
import { partitionsText, type TopicPartition } from '../../topic-partition.js'

/**
 * Of partitions that one broker does not know those that are gone: fresh metadata does not know them either. Others may be
 * so new that the broker has not heard of them.
 */
export async function gonePartitions<Entry extends TopicPartition>(
  cluster: Cluster,
  unknown: readonly Entry[],
): Promise<Entry[]> {
  if (unknown.length === 0) return []
  const image = await cluster.metadata([...new Set(unknown.map(({ topic }) => topic))], { isFresh: true })
  return unknown.filter((entry) => isGone(entry, image))
}

function isGone({ topic, partition }: TopicPartition, image: ClusterImage): boolean {
  const found = image.topics.get(topic)
  if (!found || found.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return true
  return found.errorCode === ErrorCode.NONE && !partitionOf(found, partition)
}

/** What became of offsets whose topic was deleted before they were committed. */
export function topicGone(offsets: readonly OffsetToCommit[]): RivvenError {
  const places = offsets.map(({ topic, partition, offset }) => `${topic}/${partition} (to offset ${offset})`).join(', ')
  const text = `What was read of ${places} cannot be committed: it does not exist any more.`
  const hint = 'The topic was deleted; if that was a mistake, its records are gone. Everything else goes on.'
  const { topic, partition } = offsets[0]!
  return new RivvenError('UNKNOWN_TOPIC_OR_PARTITION', text, {
    hint,
    facts: { topic, partition, partitions: partitionsText(offsets) },
    errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  })
}
