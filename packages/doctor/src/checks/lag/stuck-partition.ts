import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { PartitionFact } from '../../facts/any-broker-facts.js'
import type { PaceFact } from '../../facts/two-look-facts.js'
import type { Found } from '../../finding.js'
import { placed, placeText } from '../../places.js'

export const stuckPartition = check({
  id: 'stuck-partition',
  about: 'group',
  needs: ['group', 'partitions', 'pace'],
  run({ group, partitions, pace }, now) {
    const paceAt = placed(pace)
    const isStuck = (place: PartitionFact) => place.waiting === true && standsStill(paceAt(place))
    return partitions
      .filter((place) => isStuck(place) && othersGoOn(place, partitions, isStuck))
      .map((place) => foundAt(place, group.groupId, now))
  },
})

/** One that was read again from before, and goes on from there, does not. */
function standsStill(pace: PaceFact | undefined): boolean {
  if (pace?.status === 'REWIND') return (pace.consumedPerSecond ?? 0) <= 0
  return pace?.status === 'STALL' || pace?.status === 'STOP'
}

/** A member that gets on in no partition has another illness. Where it has committed nothing, nobody knows that it does. */
function othersGoOn(
  { owner, topic, partition }: PartitionFact,
  partitions: readonly PartitionFact[],
  isStuck: (place: PartitionFact) => boolean,
): boolean {
  const others = partitions.filter(
    (each) =>
      each.owner === owner && each.currentOffset !== null && !(each.topic === topic && each.partition === partition),
  )
  return owner !== null && others.length > 0 && others.filter(isStuck).length * 2 < others.length
}

function foundAt(place: PartitionFact, groupId: string, now: number): Found {
  const { topic, partition, owner, currentOffset, lag, lagSeconds } = place
  const offset = currentOffset ?? 0
  const skip = ['--topic', `${topic}:${partition}`, '--to-offset', `${offset + 1}`, '--live']
  return {
    severity: 'critical',
    subject: { topic, partition, ...(owner === null ? {} : { member: owner }) },
    since: lagSeconds === null ? null : now - lagSeconds * 1_000,
    title: `Nothing gets past offset ${offset} of ${placeText(place)}, while other partitions of its member go on`,
    evidence: [
      { text: 'committed offset', value: offset, unit: null },
      ...(lagSeconds === null ? [] : [{ text: 'the record there waits for', value: lagSeconds, unit: 's' as const }]),
      { text: 'wait behind it', value: lag ?? 0, unit: 'records' },
    ],
    remedy:
      'Most often the handler fails at the record there again and again. Look at it and mend the handler, or skip the record.',
    commands: [
      commandText('topic peek', [topic], ['--partition', `${partition}`, '--offset', `${offset}`]),
      commandText('group reset-offsets', [groupId], skip),
    ],
  }
}
