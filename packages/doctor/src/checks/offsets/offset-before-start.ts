import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import { sum } from '../../numbers.js'
import { byTopic, placesText, subjectOf } from '../../places.js'
import { counted } from '../../words.js'
import { keepForLonger } from './keep-for-longer.js'

export const offsetBeforeStart = check({
  id: 'offset-before-start',
  about: 'group',
  needs: ['group', 'partitions'],
  run({ group: { groupId }, partitions, topics }) {
    const lost = partitions.flatMap((place) => {
      const { currentOffset: committed, logStartOffset: start } = place
      return committed !== null && start !== null && committed < start ? [{ ...place, lost: start - committed }] : []
    })
    return byTopic(lost).map(([topic, places]) => {
      const count = sum(places.map((place) => place.lost))
      return {
        severity: 'critical',
        subject: subjectOf(topic, places),
        title: `${counted(count, 'record')} of ${topic} ${count === 1 ? 'is' : 'are'} gone that the group has not read`,
        evidence: [
          { text: 'lost', value: count, unit: 'records' },
          { text: 'in', value: placesText(places), unit: null },
          { text: 'committed offset', value: places[0]!.currentOffset ?? 0, unit: null },
          { text: 'first offset that is left', value: places[0]!.logStartOffset ?? 0, unit: null },
        ],
        remedy:
          'Keep records for longer than the group may be away. It goes on as auto_offset_reset of its members says: earliest, latest, or not at all.',
        commands: [
          ...keepForLonger(topic, topics),
          commandText('group reset-offsets', [groupId], ['--topic', topic, '--to-earliest', '--dry-run']),
        ],
      }
    })
  },
})
