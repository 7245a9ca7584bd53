import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { PartitionFact, Place } from '../../facts/any-broker-facts.js'
import type { Facts } from '../../facts/facts.js'
import type { PaceFact } from '../../facts/two-look-facts.js'
import { median, percent, rounded, sum } from '../../numbers.js'
import { byTopic, placed, placeText } from '../../places.js'

const timesMedian = 3
const leastPerSecond = 100
const leastLag = 1_000

/** A partition that gets, or has waiting, much more than the others of its topic. */
export interface HotPartition extends Place {
  readonly perSecond: number
  readonly medianPerSecond: number
  /** Of what comes into the topic, and of what waits in it; 0 to 1. */
  readonly shareOfRate: number
  readonly shareOfLag: number
}

export const hotPartition = check({
  id: 'hot-partition',
  about: 'group',
  needs: ['partitions', 'pace'],
  run(facts) {
    return hotPartitions(facts).map((hot) => ({
      severity: 'warning',
      subject: { topic: hot.topic, partition: hot.partition },
      title: `${placeText(hot)} has much more to handle than other partitions of its topic`,
      evidence: [
        { text: 'comes there', value: rounded(hot.perSecond), unit: 'records/s' },
        {
          text: 'comes into a partition of the topic (median)',
          value: rounded(hot.medianPerSecond),
          unit: 'records/s',
        },
        { text: 'of all that comes', value: percent(hot.shareOfRate, 1), unit: '%' },
        { text: 'of all that waits', value: percent(hot.shareOfLag, 1), unit: '%' },
      ],
      remedy:
        'More members do not help: one reads this partition. Look at the keys of its records; a key of finer grain, or none, spreads them.',
      commands: [commandText('topic peek', [hot.topic], ['--partition', `${hot.partition}`, '--newest', '10'])],
    }))
  },
})

/** Also for who gathers facts: the keys of their newest records are worth a look. */
export function hotPartitions({ partitions = [], pace = [] }: Pick<Facts, 'partitions' | 'pace'>): HotPartition[] {
  return byTopic(partitions).flatMap(([, places]) => hotAmong(places, placed(pace)))
}

function hotAmong(places: readonly PartitionFact[], paceAt: (place: Place) => PaceFact | undefined): HotPartition[] {
  const rateOf = (place: Place) => Math.max(0, paceAt(place)?.producedPerSecond ?? 0)
  const lagOf = ({ lag }: PartitionFact) => Math.max(0, lag ?? 0)
  const medianPerSecond = median(places.map(rateOf))
  const [rate, lag] = [sum(places.map(rateOf)), sum(places.map(lagOf))]
  // Of two partitions one always has half.
  const greatShare = Math.max(0.5, 1.5 / places.length)
  return places.flatMap((place): HotPartition[] => {
    const perSecond = rateOf(place)
    const shareOfLag = lag === 0 ? 0 : lagOf(place) / lag
    const getsMuch = perSecond > timesMedian * medianPerSecond && perSecond > leastPerSecond
    const hasMuch = shareOfLag > greatShare && lagOf(place) >= leastLag && isMoving(paceAt(place))
    if (places.length < 2 || !(getsMuch || hasMuch)) return []
    const { topic, partition } = place
    return [
      { topic, partition, perSecond, medianPerSecond, shareOfRate: rate === 0 ? 0 : perSecond / rate, shareOfLag },
    ]
  })
}

/** Where nothing is read everything waits: that is no matter of how much comes. */
function isMoving(pace: PaceFact | undefined): boolean {
  return pace?.status === 'OK' || pace?.status === 'WARN'
}
