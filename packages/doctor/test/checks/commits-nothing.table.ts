import { commitsNothing } from '../../src/checks/commits/commits-nothing.js'
import { testCheck } from '../check-table.js'
import { minute, now, waiting } from '../facts.js'
import { read, signs } from '../past.js'

const still = (more = {}, of = {}, at = {}) => ({
  partitions: [waiting(0, 400, 601, of)],
  signs: [signs('m-0', { lastCommitAt: now - 10 * minute - 1, ...more })],
  reads: [read(0, { position: 1_300, ...at })],
})

testCheck(commitsNothing, {
  fires: {
    'it reads, and its last commit is longer than ten minutes ago': [
      still(),
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        since: now - 10 * minute - 1,
        evidence: { 'read, and not committed': 300 },
        config: ['enable_auto_commit: true'],
      },
    ],
    'it has never committed': [
      still({ lastCommitAt: null }, { currentOffset: null, lagSeconds: null, lag: null }),
      { evidence: { 'last commit': 'none was seen', 'read, and not committed': 1_300 } },
    ],
  },
  quiet: {
    'ten minutes': still({ lastCommitAt: now - 10 * minute }),
    'it came ten minutes ago': still({ lastCommitAt: null, since: now - 10 * minute }),
    'there was nothing to commit': still({}, {}, { position: 1_000 }),
    'what it reads has only just come': still({}, { lagSeconds: 600 }),
    'it does not read': still({}, {}, { lastFetchAt: now - 2 * minute }),
  },
})
