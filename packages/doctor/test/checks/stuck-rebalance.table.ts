import { stuckRebalance } from '../../src/checks/rebalances/stuck-rebalance.js'
import { testCheck } from '../check-table.js'
import { group, member, minute, now, second } from '../facts.js'

const rebalancing = { group: group([member('m-0', ''), member('m-1', '')], { state: 'PreparingRebalance' }) }
const awaited = { memberId: 'm-1', groupInstanceId: 'order-1', clientId: 'worker', clientHost: '/10.0.0.1' }

testCheck(stuckRebalance, {
  fires: {
    'it lasts longer than half a minute': [
      { ...rebalancing, stateSince: now - 31 * second },
      {
        severity: 'warning',
        subject: { group: 'g' },
        since: now - 31 * second,
        title: 'A rebalance does not come to its end: 2 members in PreparingRebalance',
        evidence: { 'it lasts at least': 31 },
        commands: ['rivvenctl group explain g'],
      },
    ],
    'it lasts longer than five minutes, and somebody has not joined': [
      {
        ...rebalancing,
        stateSince: now - 6 * minute,
        wait: {
          ...{ kind: 'waiting', groupId: 'g', at: now, since: now - 6 * minute, phase: 'join', awaitedCount: 1 },
          awaited: [{ ...awaited, lastHeardAt: now, disconnectedAt: null, until: now + minute }],
        },
      },
      { severity: 'critical', evidence: { 'has not joined': 'order-1 at /10.0.0.1' } },
    ],
  },
  quiet: {
    'one of half a minute': { ...rebalancing, stateSince: now - 30 * second },
    'a group that is empty for long': { group: group([]), stateSince: now - 6 * minute },
  },
})
