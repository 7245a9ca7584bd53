import { subscriptionsDiffer } from '../../src/checks/rebalances/subscriptions-differ.js'
import { testCheck } from '../check-table.js'
import { group, hour, member, minute } from '../facts.js'
import { several, story } from '../past.js'

const differing = group([
  member('m-0', 'orders:0', { topics: ['orders', 'payments'] }),
  member('m-1', 'orders:1', { topics: ['orders'] }),
  member('m-2', 'payments:0', { topics: ['payments', 'orders'] }),
])
const rebalances = (count: number, agoMs: number) => several(count, () => story(agoMs))

testCheck(subscriptionsDiffer, {
  fires: {
    'members have different topics': [
      { group: differing },
      {
        severity: 'info',
        title: 'Members subscribe to 2 different sets of topics',
        evidence: { 'orders and payments': 'm-0 and m-2', orders: 'm-1' },
      },
    ],
    'more than ten rebalances in an hour are a warning': [
      { group: differing, rebalances: rebalances(11, minute) },
      { severity: 'warning', evidence: { 'rebalances in the last hour': 11 } },
    ],
    'ten are not': [
      { group: differing, rebalances: [...rebalances(10, minute), ...rebalances(9, 2 * hour)] },
      { severity: 'info' },
    ],
    'where nobody knows of rebalances': [{ group: differing, rebalances: undefined }, { severity: 'info' }],
  },
  quiet: {
    'in another order': {
      group: group([
        member('m-0', 'orders:0', { topics: ['orders', 'payments'] }),
        member('m-1', 'orders:1', { topics: ['payments', 'orders'] }),
      ]),
    },
    'in a rebalance, when nobody says': { group: { ...differing, state: 'CompletingRebalance' } },
  },
})
