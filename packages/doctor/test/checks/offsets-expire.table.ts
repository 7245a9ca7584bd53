import { offsetsExpire } from '../../src/checks/offsets/offsets-expire.js'
import { testCheck } from '../check-table.js'
import { day, group, now } from '../facts.js'

const empty = (leftMs: number, retentionMs = 7 * day) => ({
  group: group([]),
  expiry: { firstAt: now + leftMs, retentionMs },
})

testCheck(offsetsExpire, {
  fires: {
    'less than a quarter of their time': [
      empty(1.7 * day),
      {
        severity: 'warning',
        evidence: { 'the first is forgotten at': now + 1.7 * day },
        config: ['offsets_retention_minutes: 20160'],
      },
    ],
    'less than a day': [empty(day - 1, 2 * day), {}],
  },
  quiet: {
    'a quarter of their time': empty(1.75 * day),
    'it has members': { expiry: { firstAt: now + 1, retentionMs: day } },
    'none is forgotten': { group: group([]), expiry: null },
  },
})
