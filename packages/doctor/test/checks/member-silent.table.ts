import { memberSilent } from '../../src/checks/reading/member-silent.js'
import { testCheck } from '../check-table.js'
import { group, minute, now, partition, waiting } from '../facts.js'
import { read, signs } from '../past.js'

const silent = (lastFetchAt: number | null, more = {}) => ({
  partitions: [waiting(0, 7, 90), partition(1)],
  reads: [read(0, { lastFetchAt }), read(1)],
  signs: [signs('m-0', more), signs('m-1')],
})

testCheck(memberSilent, {
  fires: {
    'no fetch for more than a minute': [
      silent(now - minute - 1),
      {
        severity: 'critical',
        subject: { group: 'g', member: 'm-0' },
        since: now - minute - 1,
        evidence: { 'waits for it': 7, in: 'orders/0' },
      },
    ],
    'no fetch at all since it has its partitions': [silent(null), { since: null }],
  },
  quiet: {
    'for a minute': silent(now - minute),
    'nothing waits': { ...silent(now - 2 * minute), partitions: [partition(0), partition(1)] },
    'its heartbeats stay away, too': silent(now - 2 * minute, { lastHeardAt: now - minute }),
    'it has its partitions since a minute': { ...silent(null), stateSince: now - minute },
    'the group rebalances': { ...silent(null), group: group([], { state: 'PreparingRebalance' }) },
    'it fetches another partition': {
      ...silent(now - 2 * minute),
      reads: [read(0, { lastFetchAt: now - 2 * minute }), read(1, { memberId: 'm-0' })],
    },
  },
})
