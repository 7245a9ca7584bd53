import { instanceIdTwice } from '../../src/checks/members/instance-id-twice.js'
import { testCheck } from '../check-table.js'
import { minute, now } from '../facts.js'
import { several } from '../past.js'

const taken = (times: number, more = {}) =>
  several(times, (number) => {
    const hosts = { fromHost: `/10.0.0.${number % 2}`, toHost: `/10.0.0.${(number + 1) % 2}` }
    return { at: now - (number + 1) * 1_000, groupInstanceId: 'a', ...hosts, ...more }
  })

testCheck(instanceIdTwice, {
  fires: {
    'three times within ten minutes': [
      { replacements: { replaced: taken(3), fenced: 4 } },
      {
        severity: 'critical',
        evidence: {
          'times within ten minutes': 3,
          at: '/10.0.0.0 and /10.0.0.1',
          'requests that were answered FENCED_INSTANCE_ID': 4,
        },
      },
    ],
  },
  quiet: {
    twice: { replacements: { replaced: taken(2), fenced: 4 } },
    'longer than ten minutes ago': { replacements: { replaced: taken(3, { at: now - 10 * minute - 1 }), fenced: 0 } },
    'three members, once each': {
      replacements: { replaced: ['a', 'b', 'c'].flatMap((id) => taken(1, { groupInstanceId: id })), fenced: 0 },
    },
  },
})
