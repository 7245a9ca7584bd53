import { memberSilent } from '../../src/checks/reading/member-silent.js'
import { testCheck } from '../check-table.js'
import { group, minute, now, pace, partition, waiting } from '../facts.js'
import { read, signs } from '../past.js'

const silent = (lastFetchAt: number | null, more = {}) => ({
  partitions: [waiting(0, 7, 90), partition(1)],
  reads: [read(0, { lastFetchAt }), read(1)],
  signs: [signs('m-0', more), signs('m-1')],
})

const still = (statuses: ('STOP' | 'OK')[], more = {}) => ({
  partitions: [waiting(0, 7, 150), waiting(1, 2, 150)],
  reads: [read(0), read(1, { memberId: 'm-0' })],
  signs: [signs('m-0', { lastCommitAt: now - 3 * minute, ...more })],
  pace: statuses.map((status, at) => pace(at, { status })),
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
    'it fetches, and gets on in none of its partitions': [
      still(['STOP', 'STOP']),
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        since: now - 3 * minute,
        evidence: { 'waits for it': 9, in: 'orders/0 and orders/1' },
      },
    ],
  },
  quiet: {
    'for a minute': silent(now - minute),
    'it gets on in one of its partitions': still(['STOP', 'OK']),
    'it commits in others': still(['STOP', 'STOP'], { lastCommitAt: now - minute }),
    'it has never committed': still(['STOP', 'STOP'], { lastCommitAt: null }),
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
