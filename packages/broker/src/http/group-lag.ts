import { type CommittedOffset, type Group, lagOf } from '@rivven/groups'
import { ZERO_UUID } from '@rivven/protocol'
import type { Catalog } from '../catalog/catalog.js'
import type { EndOffsets } from '../cluster/peers/end-offsets.js'
import type { Logs } from '../log/logs.js'

export interface LagSources {
  readonly catalog: Catalog
  readonly logs: Logs
  readonly endOffsets: EndOffsets
}

export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedOffset
  /** Null: another broker leads the partition. */
  readonly logStartOffset: number | null
  /** The high watermark: what readers without transactions may see. */
  readonly logEndOffset: number
  /** Records between the committed offset and the high watermark; below 0 where the offset is beyond the end. */
  readonly lag: number
}

/**
 * Where a group is behind: each partition with a committed offset. Topics that are gone, or were made anew, are not, nor is what
 * another broker leads that has not said where it ends (`learnEnds`).
 */
export function* lagsOf(
  { offsets }: Group,
  sources: LagSources,
  isShown: (topic: string) => boolean = () => true,
): Iterable<PartitionLag> {
  for (const [name, partitions] of offsets.committed) {
    const topic = sources.catalog.topic(name)
    if (!topic || !isShown(name)) continue
    for (const [partition, committed] of partitions) {
      const end = isOfEarlierTopic(committed, topic.id) ? undefined : endOf(sources, name, partition)
      if (!end) continue
      const { logStartOffset, logEndOffset } = end
      const lag = lagOf(logEndOffset, committed.offset)
      if (lag === null) continue
      yield { topic: name, partition, committed, logStartOffset, logEndOffset, lag }
    }
  }
}

function endOf(
  { logs, endOffsets }: LagSources,
  topic: string,
  partition: number,
): Pick<PartitionLag, 'logStartOffset' | 'logEndOffset'> | undefined {
  const log = logs.view(topic, partition)
  if (log) return { logStartOffset: log.logStartOffset, logEndOffset: log.highWatermark }
  const logEndOffset = endOffsets.of(topic, partition)
  return logEndOffset === undefined ? undefined : { logStartOffset: null, logEndOffset }
}

/** A topic that was deleted and made again has another id. */
function isOfEarlierTopic({ topicId }: CommittedOffset, id: string): boolean {
  return topicId !== ZERO_UUID && topicId !== id
}
