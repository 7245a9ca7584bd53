import { rebalanceStorm } from '../../src/checks/rebalances/rebalance-storm.js'
import { testCheck } from '../check-table.js'
import { hour, minute } from '../facts.js'
import { several, story } from '../past.js'

testCheck(rebalanceStorm, {
  fires: {
    'eleven within an hour': [
      { rebalances: several(11, (number) => story((number + 1) * 5 * minute)).reverse() },
      {
        severity: 'warning',
        evidence: {
          'rebalances within an hour': 11,
          'time that they took': 11,
          'of them by "member joined"': 11,
          'most often by': 'm-1 at /10.0.0.1',
        },
        commands: ['rivvenctl group explain g'],
      },
    ],
    'seven within five minutes, most of them by one cause': [
      { rebalances: several(7, (number) => story(number * 1_000, number > 1 ? { cause: 'poll timeout' } : {})) },
      { severity: 'critical', evidence: { 'of them by "poll timeout"': 5 } },
    ],
  },
  quiet: {
    'ten within an hour': { rebalances: several(10, (number) => story((number + 1) * 5 * minute)) },
    'six within five minutes': { rebalances: several(6, (number) => story(number * 1_000)) },
    'those of yesterday': { rebalances: several(20, (number) => story(hour + number + 1)) },
    'that a last member goes': { rebalances: several(20, (number) => story(number, { outcome: 'emptied' })) },
  },
})
