import { check } from '../../check.js'
import type { PartitionFact, TopicFact } from '../../facts/any-broker-facts.js'
import type { PaceFact } from '../../facts/two-look-facts.js'
import type { Found } from '../../finding.js'
import { most, percent } from '../../numbers.js'
import { byTopic, placed, placesText, subjectOf } from '../../places.js'
import { keepForLonger } from './keep-for-longer.js'

const closeShare = 0.8
const closeSeconds = 3_600

interface Close extends PartitionFact {
  /** Until the first of what waits is removed, at the earliest. */
  readonly leftSeconds: number
}

export const retentionClose = check({
  id: 'retention-close',
  about: 'group',
  needs: ['group', 'partitions', 'topics', 'pace'],
  run({ partitions, topics, pace }, now) {
    const paceAt = placed(pace)
    const close = partitions.flatMap((partition): Close[] => {
      if (!partition.waiting || isLost(partition)) return []
      const left = [leftByAge(partition, topics), leftByPace(partition, paceAt(partition))].filter(
        (seconds) => seconds !== null,
      )
      return left.length > 0 ? [{ ...partition, leftSeconds: Math.max(0, Math.min(...left)) }] : []
    })
    return byTopic(close).map(([topic, places]) => foundIn(topic, places, { topics, now }))
  },
})

/** That is another finding. */
function isLost({ currentOffset, logStartOffset }: PartitionFact): boolean {
  return currentOffset === null || logStartOffset === null || currentOffset < logStartOffset
}

/** Null: there is much time. */
function leftByAge({ topic, lagSeconds }: PartitionFact, topics: readonly TopicFact[]): number | null {
  const retentionMs = topics.find((each) => each.topic === topic)?.retentionMs
  if (!retentionMs || lagSeconds === null || lagSeconds * 1_000 <= retentionMs * closeShare) return null
  return retentionMs / 1_000 - lagSeconds
}

/**
 * Records are removed in segments: seen for a moment only, that is far faster than it is. In the long run no more is removed than
 * comes.
 */
function leftByPace({ currentOffset, logStartOffset }: PartitionFact, pace: PaceFact | undefined): number | null {
  const perSecond = Math.min(pace?.removedPerSecond ?? 0, pace?.producedPerSecond ?? 0)
  const seconds = perSecond > 0 ? (currentOffset! - logStartOffset!) / perSecond : Number.POSITIVE_INFINITY
  return seconds <= closeSeconds ? seconds : null
}

function foundIn(
  topic: string,
  places: readonly Close[],
  { topics, now }: { topics: readonly TopicFact[]; now: number },
): Found {
  const next = most(places, ({ leftSeconds }) => -leftSeconds)!
  const retentionMs = topics.find((each) => each.topic === topic)?.retentionMs
  const age = next.lagSeconds
  return {
    severity: 'critical',
    subject: subjectOf(topic, places),
    since: age === null ? null : now - age * 1_000,
    title: `Retention is about to remove records of ${topic} that the group has not read`,
    evidence: [
      { text: 'the first may go in', value: next.leftSeconds, unit: 's' },
      ...(age === null ? [] : [{ text: 'the oldest waits for', value: age, unit: 's' as const }]),
      ...(age !== null && retentionMs
        ? [{ text: 'of the time that they are kept', value: percent(age * 1_000, retentionMs), unit: '%' as const }]
        : []),
      { text: 'in', value: placesText(places), unit: null },
    ],
    remedy: 'Keep records for longer now, and then see why the group is behind.',
    commands: keepForLonger(topic, topics),
  }
}
