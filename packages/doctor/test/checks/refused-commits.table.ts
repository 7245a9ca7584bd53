import { refusedCommits } from '../../src/checks/commits/refused-commits.js'
import { testCheck } from '../check-table.js'

testCheck(refusedCommits, {
  fires: {
    'ten within ten minutes': [
      {
        refusedCommits: [
          { memberId: 'm-0', error: 'ILLEGAL_GENERATION', count: 6 },
          { memberId: 'm-1', error: 'REBALANCE_IN_PROGRESS', count: 4 },
        ],
      },
      { severity: 'warning', evidence: { ILLEGAL_GENERATION: 6, REBALANCE_IN_PROGRESS: 4, 'most of them of': 'm-0' } },
    ],
    'of nobody': [
      { refusedCommits: [{ memberId: '', error: 'UNKNOWN_MEMBER_ID', count: 20 }] },
      { evidence: { 'most of them of': 'nobody in the group' } },
    ],
  },
  quiet: { nine: { refusedCommits: [{ memberId: 'm-0', error: 'ILLEGAL_GENERATION', count: 9 }] } },
})
