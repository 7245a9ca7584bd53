import { commitLoad } from '../../src/checks/cluster/commit-load.js'
import { testCheck } from '../check-table.js'

const top = [
  { group: 'g', perSecond: 4_000 },
  { group: 'h', perSecond: 1_500 },
]

testCheck(commitLoad, {
  fires: {
    'more than 5,000 a second': [
      { commitLoad: { leastPerSecond: 5_001, top } },
      { severity: 'warning', evidence: { 'commits a second, at least': 5_001, g: 4_000, h: 1_500 } },
    ],
  },
  quiet: {
    '5,000': { commitLoad: { leastPerSecond: 5_000, top } },
    'for less than five minutes': { commitLoad: { leastPerSecond: null, top: [] } },
  },
})
