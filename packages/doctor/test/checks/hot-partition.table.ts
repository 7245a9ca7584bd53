import { hotPartition } from '../../src/checks/lag/hot-partition.js'
import { testCheck } from '../check-table.js'
import { pace, partition, waiting } from '../facts.js'

const rates = (...perSecond: number[]) => ({
  partitions: perSecond.map((_, number) => partition(number)),
  pace: perSecond.map((producedPerSecond, number) => pace(number, { producedPerSecond })),
})
const lags = (...records: number[]) => ({
  partitions: records.map((lag, number) => (lag === 0 ? partition(number) : waiting(number, lag, 40))),
  pace: records.map((_, number) => pace(number)),
})

testCheck(hotPartition, {
  fires: {
    'one gets more than three times the median': [
      rates(50, 151, 50, 49),
      {
        severity: 'warning',
        subject: { group: 'g', topic: 'orders', partition: 1 },
        evidence: {
          'comes there': 151,
          'comes into a partition of the topic (median)': 50,
          'of all that comes': 50,
          'of all that waits': 0,
        },
        commands: ['rivvenctl topic peek orders --partition 1 --newest 10'],
      },
    ],
    'one has more than half of what waits': [
      lags(100, 1_000, 100),
      { subject: { group: 'g', topic: 'orders', partition: 1 }, evidence: { 'of all that waits': 83 } },
    ],
    'of two partitions, more than three quarters': [lags(1_000, 200), { evidence: { 'of all that waits': 83 } }],
  },
  quiet: {
    'three times the median': rates(50, 150, 50, 50),
    'of a hundred a second': rates(1, 100, 1, 1),
    'half of what waits': lags(1_000, 500, 500),
    'of few records': lags(0, 999, 0),
    'a bit more than half, of two partitions': lags(1_000, 900),
    'a topic of one partition': rates(5_000),
    'where nothing is read, everything waits': {
      ...lags(0, 5_000, 0),
      pace: [pace(0), pace(1, { status: 'STALL' }), pace(2)],
    },
  },
})
