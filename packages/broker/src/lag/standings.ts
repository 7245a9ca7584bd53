import { type CommittedOffset, type Group, lagOf } from '@rivven/groups'
import { ZERO_UUID } from '@rivven/protocol'
import type { Catalog } from '../catalog/catalog.js'
import type { EndOffsets } from '../cluster/peers/end-offsets.js'
import type { Logs } from '../log/logs.js'
import type { PartitionView } from '../log/partition-log.js'
import type { LagElsewhere } from './lag-elsewhere.js'
import type { PlaceAnswer } from './questions.js'

export interface LagSources {
  /** What leaders of other partitions have said; absent: only where these end is told. */
  readonly elsewhere?: Pick<LagElsewhere, 'of'>
  readonly catalog: Catalog
  readonly logs: Logs
  readonly endOffsets: EndOffsets
}

/** Where a group stands in one partition, and what is there. */
export interface Standing {
  readonly topic: string
  readonly partition: number
  readonly committed: CommittedOffset
  /** Undefined: another broker leads the partition. */
  readonly log: PartitionView | undefined
  /** What its leader has said, where that is another broker. */
  readonly elsewhere?: PlaceAnswer | undefined
  /** Null: another broker leads the partition, and has not said. */
  readonly logStartOffset: number | null
  /** The high watermark: what readers without transactions may see. */
  readonly logEndOffset: number
  /** Records between the committed offset and the high watermark; below 0 where the offset is beyond the end. */
  readonly lag: number
}

/**
 * Each partition with a committed offset of a group. Topics that are gone, or were made anew, are not, nor is what another broker
 * leads that has not said where it ends (`learnEnds`).
 */
export function* standingsOf(
  group: Group,
  sources: LagSources,
  isShown: (topic: string) => boolean = () => true,
): Generator<Standing, void, undefined> {
  for (const [topic, partitions] of group.offsets.committed) {
    const known = sources.catalog.topic(topic)
    if (!known || !isShown(topic)) continue
    for (const [partition, committed] of partitions) {
      const end = isOfEarlierTopic(committed, known.id) ? undefined : endOf(group, sources, { topic, partition })
      const lag = end && lagOf(end.logEndOffset, committed.offset)
      if (end && lag !== undefined && lag !== null) yield { topic, partition, committed, ...end, lag }
    }
  }
}

/** Where a partition begins and ends; undefined: another broker leads it, and has not said. */
type End = Pick<Standing, 'log' | 'elsewhere' | 'logStartOffset' | 'logEndOffset'>

export function endOf(
  group: Group,
  { logs, endOffsets, elsewhere }: LagSources,
  { topic, partition }: { topic: string; partition: number },
): End | undefined {
  const log = logs.view(topic, partition)
  if (log) return { log, logStartOffset: log.logStartOffset, logEndOffset: log.highWatermark }
  const logEndOffset = endOffsets.of(topic, partition)
  if (logEndOffset === undefined) return undefined
  const answer = elsewhere?.of(group, topic, partition)
  return { log, elsewhere: answer, logStartOffset: answer?.logStartOffset ?? null, logEndOffset }
}

/** A topic that was deleted and made again has another id. */
export function isOfEarlierTopic({ topicId }: CommittedOffset, id: string): boolean {
  return topicId !== ZERO_UUID && topicId !== id
}
