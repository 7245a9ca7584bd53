import { check } from '../../check.js'
import { linesFor } from '../../clients/config-lines.js'
import { settings } from '../../clients/settings.js'
import { memberName } from '../../members.js'
import { most, sum } from '../../numbers.js'
import { dayMs, since } from '../../recent.js'

const manyRecords = 1_000
const usualIntervalMs = 1_000

export const redeliveredAfterCrash = check({
  id: 'redelivered-after-crash',
  about: 'group',
  needs: ['group', 'departures'],
  run({ departures }, now) {
    const lost = since(departures, now - dayMs).filter(({ cause, readPast }) => {
      return cause === 'session expired' && readPast !== null && readPast >= manyRecords
    })
    const worst = most(lost, ({ readPast }) => readPast ?? 0)
    if (!worst) return []
    return [
      {
        severity: 'info',
        subject: { member: worst.memberId },
        since: lost[0]!.at,
        title: `${memberName(worst)} at ${worst.clientHost} had read ${worst.readPast} records that it had not committed when its session ended: they were delivered twice`,
        evidence: [
          { text: 'read, and not committed', value: worst.readPast ?? 0, unit: 'records' },
          { text: 'at', value: worst.at, unit: 'time' },
          { text: 'of all within 24 h', value: sum(lost.map(({ readPast }) => readPast ?? 0)), unit: 'records' },
        ],
        remedy:
          'Commit more often, and less is read again; where nothing may be, commit offsets in the transaction that has the results (docs/transactions.md).',
        config: linesFor(settings.autoCommitIntervalMs, usualIntervalMs, { members: [worst] }),
      },
    ]
  },
})
