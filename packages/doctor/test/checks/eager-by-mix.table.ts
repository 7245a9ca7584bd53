import { eagerByMix } from '../../src/checks/rebalances/eager-by-mix.js'
import { testCheck } from '../check-table.js'
import { group, healthy } from '../facts.js'
import { signs } from '../past.js'

const eager = (memberId: string) => signs(memberId, { assignors: ['range'] })

testCheck(eagerByMix, {
  fires: {
    'one of three cannot': [
      { signs: [signs('m-0'), eager('m-1'), signs('m-2')] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-1' },
        evidence: { 'members that do not': 'm-1' },
        config: ['partition_assignment_strategy: cooperative_sticky'],
      },
    ],
    'half of them': [{ signs: [signs('m-0'), eager('m-1')] }, {}],
  },
  quiet: {
    'all can, and want another': { signs: [signs('m-0'), signs('m-1')] },
    'less than half can': { signs: [signs('m-0'), eager('m-1'), eager('m-2')] },
    'it is cooperative': {
      group: group(healthy().group?.members ?? [], { protocol: 'cooperative-sticky' }),
      signs: [signs('m-0'), eager('m-1')],
    },
  },
})
