import { staticMemberAway } from '../../src/checks/members/static-member-away.js'
import { testCheck } from '../check-table.js'
import { group, member, now, partition, waiting } from '../facts.js'
import { signs } from '../past.js'

const away = (agoMs: number, more = {}) => ({
  group: group([member('m-0', 'orders:0', { groupInstanceId: 'a' })]),
  partitions: [waiting(0, 12, 5), partition(1)],
  signs: [signs('m-0', { groupInstanceId: 'a', lastHeardAt: now - agoMs, ...more })],
})

testCheck(staticMemberAway, {
  fires: {
    'more than three heartbeats are missing': [
      away(14_000),
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        since: now - 14_000,
        title: 'The static member a at /10.0.0.1 is away, and nobody reads its partitions: it is given up in 0:31',
        evidence: { 'it is given up in': 31, 'waits for it': 12, '1 partition': 'orders/0' },
        commands: ['rivvenctl group remove-member g --instance-id a'],
      },
    ],
    'half of its session, where its heartbeats are not known': [away(22_501, { heartbeatGapMs: null }), {}],
  },
  quiet: {
    'three heartbeats': away(9_000),
    'not known since when': away(14_000, { lastHeardAt: null }),
    'half of its session': away(22_500, { heartbeatGapMs: null }),
    'no static member': { ...away(14_000), signs: [signs('m-0', { lastHeardAt: now - 14_000 })] },
    'it owns nothing': { ...away(14_000), group: group([member('m-0', '', { groupInstanceId: 'a' })]) },
  },
})
