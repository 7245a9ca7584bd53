import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { PartitionFact, TopicFact } from '../../facts/any-broker-facts.js'
import type { PaceFact } from '../../facts/two-look-facts.js'
import { most, percent, sum } from '../../numbers.js'
import { byTopic, placed, placesText, subjectOf } from '../../places.js'

const patienceSeconds = 600
const closeShare = 0.25
/** After so long a partition in which nobody commits is known to stand. */
const standsSeconds = 120

export const nobodyReads = check({
  id: 'nobody-reads',
  about: 'group',
  needs: ['group', 'partitions', 'topics'],
  run({ group, partitions, topics, pace }, now) {
    const waiting = partitions.filter(({ waiting, lagSeconds }) => waiting && lagSeconds !== null)
    const oldest = most(waiting, secondsOf)
    if (!oldest || group.members.length > 0 || group.state !== 'Empty' || isRead(oldest, pace)) return []
    const share = Math.max(...waiting.map((partition) => shareOfRetention(partition, topics)))
    if (secondsOf(oldest) <= patienceSeconds && share <= closeShare) return []
    const places = byTopic(waiting)
    return [
      {
        severity: share > closeShare ? 'critical' : 'warning',
        subject: places.length === 1 ? subjectOf(...places[0]!) : {},
        since: now - secondsOf(oldest) * 1_000,
        title: 'Nobody reads: the group has no members, and records wait',
        evidence: [
          { text: 'records that wait', value: sum(waiting.map(({ lag }) => lag ?? 0)), unit: 'records' },
          { text: 'the oldest waits for', value: secondsOf(oldest), unit: 's' },
          ...(share > 0
            ? [{ text: 'of the time that they are kept', value: percent(share, 1), unit: '%' as const }]
            : []),
          { text: 'in', value: placesText(waiting), unit: null },
        ],
        remedy: 'Start the application. If nobody needs this group any more, delete it.',
        commands: [commandText('group describe', [group.groupId]), commandText('group delete', [group.groupId])],
      },
    ]
  },
})

/** Whoever assigns partitions to itself is no member, but commits. Rates are means: of one that has just stopped some is left. */
function isRead(oldest: PartitionFact, pace: readonly PaceFact[] = []): boolean {
  const known = placed(pace)(oldest)
  const goesOn = known?.status === 'OK' || known?.status === 'WARN'
  return goesOn && secondsOf(oldest) > standsSeconds && (known.consumedPerSecond ?? 0) > 0
}

function secondsOf({ lagSeconds }: PartitionFact): number {
  return lagSeconds ?? 0
}

/** 0 where records are kept for ever. */
function shareOfRetention(partition: PartitionFact, topics: readonly TopicFact[]): number {
  const retentionMs = topics.find(({ topic }) => topic === partition.topic)?.retentionMs
  return retentionMs ? (secondsOf(partition) * 1_000) / retentionMs : 0
}
