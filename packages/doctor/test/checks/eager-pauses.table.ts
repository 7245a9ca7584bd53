import { eagerPauses } from '../../src/checks/rebalances/eager-pauses.js'
import { testCheck } from '../check-table.js'
import { hour, minute } from '../facts.js'
import { several, story } from '../past.js'

const vain = (times: number, more = {}) => several(times, (number) => story((number + 1) * minute, more))
const partitions = (moved: number) => ({ moved, kept: 10 - moved, assigned: 10, released: 0, moves: [] })

testCheck(eagerPauses, {
  fires: {
    'four that moved little': [
      { rebalances: vain(4, { partitions: partitions(1) }) },
      {
        severity: 'info',
        evidence: { 'all stood still for': 4, 'of the partitions moved': 10 },
        config: ['partition_assignment_strategy: cooperative_sticky'],
      },
    ],
  },
  quiet: {
    'three of them': { rebalances: vain(3) },
    'a fifth moved': { rebalances: vain(4, { partitions: partitions(2) }) },
    'nobody knows what moved': { rebalances: vain(4, { partitions: null }) },
    'cooperative ones': {
      rebalances: vain(4, { protocol: { elected: 'cooperative-sticky', votes: {}, refused: [] } }),
    },
    'longer than an hour ago': { rebalances: vain(4, { startedAt: Date.UTC(2026, 0, 31, 18) - hour - 1 }) },
  },
})
