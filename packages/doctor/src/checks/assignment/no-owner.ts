import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import type { GroupFact, Place, TopicFact } from '../../facts/any-broker-facts.js'
import { isReadable } from '../../members.js'
import { placesText, placeText } from '../../places.js'
import { counted } from '../../words.js'

const patienceMs = 60_000

export const noOwner = check({
  id: 'no-owner',
  about: 'group',
  needs: ['group', 'topics', 'stateSince'],
  run({ group, topics, stateSince }, now) {
    const unowned = now - stateSince > patienceMs ? unownedPartitions(group, topics) : []
    if (unowned.length === 0) return []
    return [
      {
        severity: 'warning',
        since: stateSince,
        title: `${counted(unowned.length, 'partition')} of subscribed topics ${unowned.length === 1 ? 'has' : 'have'} no owner, and nobody reads there`,
        evidence: [{ text: 'without owner', value: placesText(unowned), unit: null }],
        remedy:
          'A static member that is away keeps its partitions: start it, or remove it. Else the assignor leaves them out: is it of your own making, or are its members of different versions?',
        commands: [commandText('group describe', [group.groupId], ['--members'])],
      },
    ]
  },
})

/** Partitions of topics that somebody subscribes to, and that no member has. */
export function unownedPartitions(group: GroupFact, topics: readonly TopicFact[]): Place[] {
  if (!isReadable(group) || group.members.length === 0) return []
  const owned = new Set(group.members.flatMap(({ assignment }) => assignment.map(placeText)))
  const subscribed = new Set(group.members.flatMap((member) => member.topics))
  return topics
    .filter(({ topic }) => subscribed.has(topic))
    .flatMap(({ topic, partitionCount }) =>
      Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition })),
    )
    .filter((place) => !owned.has(placeText(place)))
}
