import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import { byTopic, placesText, subjectOf } from '../../places.js'

export const offsetAfterEnd = check({
  id: 'offset-after-end',
  about: 'group',
  needs: ['group', 'partitions'],
  run({ group: { groupId, members }, partitions }) {
    const beyond = partitions.filter(({ currentOffset, logEndOffset }) => {
      return currentOffset !== null && logEndOffset !== null && currentOffset > logEndOffset
    })
    return byTopic(beyond).map(([topic, places]) => ({
      severity: 'critical',
      subject: subjectOf(topic, places),
      title: `The committed offset lies beyond the end of ${placesText(places)}: new records are passed over until the end has come there`,
      evidence: [
        { text: 'committed offset', value: places[0]!.currentOffset ?? 0, unit: null },
        { text: 'end of the log', value: places[0]!.logEndOffset ?? 0, unit: null },
      ],
      remedy: 'The topic was made anew, or has lost records. Move the group to where it is to go on.',
      commands: [
        commandText(
          'group reset-offsets',
          [groupId],
          ['--topic', topic, '--to-latest', ...(members.length > 0 ? ['--live'] : [])],
        ),
      ],
    }))
  },
})
