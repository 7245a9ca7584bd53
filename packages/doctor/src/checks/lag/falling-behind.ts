import { check } from '../../check.js'
import { commandText } from '../../command-text.js'
import { most, rounded, sum } from '../../numbers.js'
import { placesText } from '../../places.js'
import { behind } from './behind.js'

export const fallingBehind = check({
  id: 'falling-behind',
  about: 'group',
  needs: ['group', 'partitions', 'pace'],
  run(facts, now) {
    const found = behind(facts)
    if (!found) return []
    const { waiting, growing, consumedPerSecond, producedPerSecond } = found
    const oldest = most(growing, ({ lagSeconds }) => lagSeconds ?? 0)?.lagSeconds ?? 0
    return [
      {
        severity: 'warning',
        since: now - oldest * 1_000,
        title: `The group reads, but does not catch up in ${growing.length} of ${waiting.length} partitions where it is behind`,
        evidence: [
          { text: 'comes', value: rounded(producedPerSecond), unit: 'records/s' },
          { text: 'is read', value: rounded(consumedPerSecond), unit: 'records/s' },
          { text: 'waits', value: sum(waiting.map(({ lag }) => lag ?? 0)), unit: 'records' },
          { text: 'the oldest waits for', value: oldest, unit: 's' },
          { text: 'in', value: placesText(growing), unit: null },
        ],
        remedy:
          'It will not catch up by itself. Findings named too-few-members, slow-handler, slow-fetch and hot-partition say why.',
        commands: [commandText('group lag', [facts.group.groupId], ['-o', 'wide', '--watch'])],
      },
    ]
  },
})
