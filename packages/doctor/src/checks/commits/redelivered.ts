import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { sum } from '../../numbers.js'
import { grouped, hourMs, since } from '../../recent.js'

const manyRecords = 1_000
const manyPartitions = 10

export const redelivered = check({
  id: 'redelivered',
  about: 'group',
  needs: ['group', 'handOvers'],
  run({ group, handOvers }, now) {
    // Who was not there any more could not commit: redelivered-after-crash tells of that.
    const recent = since(handOvers, now - hourMs).filter(({ cause }) => cause !== 'session expired')
    const records = sum(recent.map(({ recordsReadAgain }) => recordsReadAgain))
    const partitions = sum(recent.map(({ partitionsReadAgain }) => partitionsReadAgain))
    if (records < manyRecords && partitions < manyPartitions) return []
    const again = recent.filter(({ recordsReadAgain }) => recordsReadAgain > 0)
    return [
      {
        severity: 'warning',
        since: again[0]!.at,
        title: `${records} records were read again within an hour, because partitions went to other members before they were committed`,
        evidence: [
          { text: 'read again', value: records, unit: 'records' },
          { text: 'partitions that began before the place where their owners were', value: partitions, unit: null },
          ...grouped(again, ({ cause }) => cause).map((ofCause) => ({
            text: `after "${ofCause[0]!.cause}"`,
            value: sum(ofCause.map(({ recordsReadAgain }) => recordsReadAgain)),
            unit: 'records' as const,
          })),
        ],
        remedy:
          'Commit what is handled before partitions are given up (onPartitionsRevoked), and move fewer of them with each rebalance.',
        config: linesFor(settings.assignmentStrategy, 'cooperative_sticky', { members: group.members }),
      },
    ]
  },
})
