import { noOwner } from '../../src/checks/assignment/no-owner.js'
import { testCheck } from '../check-table.js'
import { group, member, minute, now, orders } from '../facts.js'

const lacking = { group: group([member('m-0', 'orders:0')]), topics: [orders({ partitionCount: 3 })] }

testCheck(noOwner, {
  fires: {
    'nobody has two partitions for longer than a minute': [
      { ...lacking, stateSince: now - minute - 1 },
      {
        severity: 'warning',
        since: now - minute - 1,
        title: '2 partitions of subscribed topics have no owner, and nobody reads there',
        evidence: { 'without owner': 'orders/1 and orders/2' },
        commands: ['rivvenctl group describe g --members'],
      },
    ],
  },
  quiet: {
    'for a minute': { ...lacking, stateSince: now - minute },
    'of a topic that nobody subscribes to': { topics: [orders(), orders({ topic: 'payments' })] },
    'without members': { ...lacking, group: group([]) },
  },
})
