import { redelivered } from '../../src/checks/commits/redelivered.js'
import { testCheck } from '../check-table.js'
import { hour, now } from '../facts.js'
import { handOver } from '../past.js'

const again = (recordsReadAgain: number, partitionsReadAgain = 1, more = {}) => ({
  handOvers: [handOver({ recordsReadAgain, partitionsReadAgain, ...more })],
})

testCheck(redelivered, {
  fires: {
    'a thousand records within an hour': [
      again(1_000),
      {
        severity: 'warning',
        evidence: { 'read again': 1_000, 'after "member joined"': 1_000 },
        config: ['partition_assignment_strategy: cooperative_sticky'],
      },
    ],
    'in ten partitions': [again(10, 10), {}],
  },
  quiet: {
    'a few': again(999, 9),
    'longer than an hour ago': again(5_000, 5, { at: now - hour - 1 }),
    'after a crash': again(5_000, 5, { cause: 'session expired' }),
  },
})
