import { slowRebalance } from '../../src/checks/rebalances/slow-rebalance.js'
import { testCheck } from '../check-table.js'
import { day, hour } from '../facts.js'
import { several, story } from '../past.js'

const who = { memberId: 'm-1', groupInstanceId: null, clientId: 'worker', clientHost: '/10.0.0.1' }
const slow = (joinMs: number, more = {}) =>
  story(hour, {
    phases: { joinMs, syncMs: 1 },
    late: [{ ...who, phase: 'join', waitedMs: joinMs, removed: false }],
    ...more,
  })

testCheck(slowRebalance, {
  fires: {
    'more than ten seconds': [
      { rebalances: [slow(10_000)] },
      {
        severity: 'warning',
        title: 'Rebalances take long: others wait for m-1 at /10.0.0.1',
        evidence: { 'rebalances (p95)': 10.001, 'it waited in join': 10 },
      },
    ],
    'two of twenty': [{ rebalances: [...several(18, () => story(hour)), slow(20_000), slow(30_000)] }, {}],
    'who was waited for never came': [
      { rebalances: [slow(42_000, { late: [{ ...who, phase: 'join', waitedMs: 42_000, removed: true }] })] },
      { title: 'Rebalances take long: m-1 at /10.0.0.1 did not come', config: [] },
    ],
    'nobody was late': [{ rebalances: [slow(11_000, { late: [] })] }, { title: 'Rebalances take long', config: [] }],
  },
  quiet: {
    'ten seconds': { rebalances: [slow(9_999)] },
    'one of twenty': { rebalances: [...several(19, () => story(hour)), slow(30_000)] },
    'longer than a day ago': { rebalances: [slow(30_000, { startedAt: story(day + 1).startedAt })] },
    'one that led to nothing': { rebalances: [slow(30_000, { outcome: 'superseded' })] },
  },
})
