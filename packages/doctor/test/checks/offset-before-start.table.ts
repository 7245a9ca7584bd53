import { offsetBeforeStart } from '../../src/checks/offsets/offset-before-start.js'
import { testCheck } from '../check-table.js'
import { hour, orders, partition } from '../facts.js'

const behind = (number: number, by: number) => partition(number, { currentOffset: 100, logStartOffset: 100 + by })

testCheck(offsetBeforeStart, {
  fires: {
    'retention was faster': [
      { partitions: [behind(0, 5), partition(1), behind(2, 2)], topics: [orders({ retentionMs: hour })] },
      {
        severity: 'critical',
        subject: { group: 'g', topic: 'orders' },
        title: '7 records of orders are gone that the group has not read',
        evidence: { lost: 7, in: 'orders/0 and orders/2', 'committed offset': 100, 'first offset that is left': 105 },
        commands: [
          'rivvenctl topic alter orders --set retention.ms=7200000',
          'rivvenctl group reset-offsets g --topic orders --to-earliest --dry-run',
        ],
      },
    ],
    'in one partition, of a topic of which nothing else is known': [
      { partitions: [behind(0, 1)], topics: undefined },
      {
        subject: { group: 'g', topic: 'orders', partition: 0 },
        title: '1 record of orders is gone that the group has not read',
      },
    ],
  },
  quiet: {
    'right at the start': { partitions: [behind(0, 0)] },
    'nothing was committed': { partitions: [partition(0, { currentOffset: null, logStartOffset: 7 })] },
    'nobody said where the log starts': { partitions: [partition(0, { logStartOffset: null })] },
  },
})
