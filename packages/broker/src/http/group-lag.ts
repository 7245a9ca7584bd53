import { type CommittedOffset, type Group, lagOf } from '@rivven/groups'
import { ZERO_UUID } from '@rivven/protocol'
import type { Catalog } from '../catalog/catalog.js'
import type { Logs } from '../log/logs.js'

export interface LagSources {
  readonly catalog: Catalog
  readonly logs: Logs
}

export interface PartitionLag {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedOffset
  readonly logStartOffset: number
  /** The high watermark: what readers without transactions may see. */
  readonly logEndOffset: number
  /** Records between the committed offset and the high watermark; below 0 where the offset is beyond the end. */
  readonly lag: number
}

/** Where a group is behind: each partition with a committed offset. Topics that are gone, or were made anew, are not. */
export function* lagsOf(
  { offsets }: Group,
  { catalog, logs }: LagSources,
  isShown: (topic: string) => boolean = () => true,
): Iterable<PartitionLag> {
  for (const [name, partitions] of offsets.committed) {
    const topic = catalog.topic(name)
    if (!topic || !isShown(name)) continue
    for (const [partition, committed] of partitions) {
      const log = logs.get(name, partition)
      if (!log || isOfEarlierTopic(committed, topic.id)) continue
      const { logStartOffset, highWatermark: logEndOffset } = log
      const lag = lagOf(logEndOffset, committed.offset)
      if (lag === null) continue
      yield { topic: name, partition, committed, logStartOffset, logEndOffset, lag }
    }
  }
}

/** A topic that was deleted and made again has another id. */
function isOfEarlierTopic({ topicId }: CommittedOffset, id: string): boolean {
  return topicId !== ZERO_UUID && topicId !== id
}
