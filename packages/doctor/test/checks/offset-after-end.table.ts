import { offsetAfterEnd } from '../../src/checks/offsets/offset-after-end.js'
import { testCheck } from '../check-table.js'
import { group, partition } from '../facts.js'

const beyond = partition(0, { currentOffset: 1_001, lag: -1, waiting: false, lagSeconds: null })

testCheck(offsetAfterEnd, {
  fires: {
    'the topic was made anew': [
      { partitions: [beyond, partition(1)] },
      {
        severity: 'critical',
        subject: { group: 'g', topic: 'orders', partition: 0 },
        evidence: { 'committed offset': 1001, 'end of the log': 1000 },
        commands: ['rivvenctl group reset-offsets g --topic orders --to-latest --live'],
      },
    ],
    'nobody has to hand over': [
      { partitions: [beyond], group: group([]) },
      { commands: ['rivvenctl group reset-offsets g --topic orders --to-latest'] },
    ],
  },
  quiet: {
    'at the end': { partitions: [partition(0)] },
    'the topic is gone': { partitions: [partition(0, { logEndOffset: null })] },
  },
})
