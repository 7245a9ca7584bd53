import { retentionClose } from '../../src/checks/offsets/retention-close.js'
import { testCheck } from '../check-table.js'
import { hour, now, orders, pace, partition, waiting } from '../facts.js'

const kept = { topics: [orders({ retentionMs: hour })] }
/** 1,000 records are left before the offset. */
const removed = (removedPerSecond: number, producedPerSecond: number) => [
  pace(0, { removedPerSecond, producedPerSecond }),
]

testCheck(retentionClose, {
  fires: {
    'what waits is older than four fifths of its time': [
      { ...kept, partitions: [waiting(0, 40, 3_000), waiting(1, 1, 2_881), partition(2)] },
      {
        severity: 'critical',
        subject: { group: 'g', topic: 'orders' },
        since: now - 3_000_000,
        evidence: { 'the first may go in': 600, 'of the time that they are kept': 83, in: 'orders/0 and orders/1' },
        commands: ['rivvenctl topic alter orders --set retention.ms=7200000'],
      },
    ],
    'the start of the log comes there within an hour': [
      { partitions: [waiting(0, 40, 5)], pace: removed(10, 1) },
      { subject: { group: 'g', topic: 'orders', partition: 0 }, evidence: { 'the first may go in': 1000 } },
    ],
    'also where records have no time': [
      { topics: [orders({ retentionMs: null })], partitions: [waiting(0, 40, 5)], pace: removed(1, 1) },
      { commands: [] },
    ],
  },
  quiet: {
    'four fifths of their time': { ...kept, partitions: [waiting(0, 40, 2_880)] },
    'a segment was just removed, but little comes': { partitions: [waiting(0, 40, 5)], pace: removed(1_000, 0.1) },
    'all was read': { ...kept, partitions: [partition(0)], pace: removed(10, 10) },
    'it is too late': { ...kept, partitions: [waiting(0, 40, 3_000, { currentOffset: 5, logStartOffset: 6 })] },
  },
})
