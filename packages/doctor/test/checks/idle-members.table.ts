import { idleMembers } from '../../src/checks/assignment/idle-members.js'
import { testCheck } from '../check-table.js'
import { group, member } from '../facts.js'

const busy = [0, 1, 2, 3].map((number) => member(`m-${number}`, `orders:${number}`))
const idle = (id: string) => member(id, '', { topics: ['orders'] })

testCheck(idleMembers, {
  fires: {
    'two of six members have nothing to do': [
      { group: group([...busy, idle('m-4'), idle('m-5')]) },
      {
        severity: 'info',
        subject: { group: 'g' },
        title: '2 of 6 members have no partitions',
        evidence: { 'without partitions': 'm-4 and m-5' },
        commands: ['rivvenctl topic alter orders --partitions 6'],
      },
    ],
    'more than half of them': [{ group: group([busy[0]!, idle('m-4'), idle('m-5')]) }, { severity: 'warning' }],
  },
  quiet: {
    'a group in a rebalance, of which nobody knows who owns what': {
      group: group([idle('m-4')], { state: 'PreparingRebalance' }),
    },
    'members of another protocol': { group: group([idle('m-4')], { protocolType: 'connect' }) },
  },
})
