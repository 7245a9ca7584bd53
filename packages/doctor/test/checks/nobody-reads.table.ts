import { nobodyReads } from '../../src/checks/lag/nobody-reads.js'
import { testCheck } from '../check-table.js'
import { group, hour, now, orders, pace, partition, waiting } from '../facts.js'

const empty = { group: group([]), pace: [pace(0, { consumedPerSecond: 0 })] }

testCheck(nobodyReads, {
  fires: {
    'records wait for longer than ten minutes': [
      { ...empty, partitions: [waiting(0, 40, 601), waiting(1, 2, 5), partition(2)] },
      {
        severity: 'warning',
        subject: { group: 'g', topic: 'orders' },
        since: now - 601_000,
        evidence: { 'records that wait': 42, 'the oldest waits for': 601, in: 'orders/0 and orders/1' },
        commands: ['rivvenctl group describe g', 'rivvenctl group delete g'],
      },
    ],
    'a quarter of their time is over': [
      { ...empty, partitions: [waiting(0, 40, 901)], topics: [orders({ retentionMs: hour })] },
      {
        severity: 'critical',
        subject: { group: 'g', topic: 'orders', partition: 0 },
        evidence: { 'of the time that they are kept': 25 },
      },
    ],
    'before ten minutes, where they are kept for a short while': [
      { ...empty, partitions: [waiting(0, 40, 20)], topics: [orders({ retentionMs: 60_000 })] },
      { severity: 'critical' },
    ],
    'they are kept for ever': [
      { ...empty, partitions: [waiting(0, 40, 86_400)], topics: [orders({ retentionMs: null })] },
      { severity: 'warning' },
    ],
    'somebody has just stopped, of whose pace some is left': [
      { ...empty, partitions: [waiting(0, 40, 601)], pace: [pace(0, { consumedPerSecond: 1, status: 'STOP' })] },
      {},
    ],
    'and where records are kept for a short while': [
      {
        ...empty,
        partitions: [waiting(0, 40, 20)],
        topics: [orders({ retentionMs: 60_000 })],
        pace: [pace(0, { consumedPerSecond: 1 })],
      },
      { severity: 'critical' },
    ],
    'nobody knows how it goes on': [{ ...empty, pace: undefined, partitions: [waiting(0, 40, 601)] }, {}],
  },
  quiet: {
    'for ten minutes': { ...empty, partitions: [waiting(0, 40, 600)] },
    'a group with members': { partitions: [waiting(0, 40, 601)] },
    'somebody who is no member commits': {
      ...empty,
      partitions: [waiting(0, 40, 601)],
      pace: [pace(0, { consumedPerSecond: 1 })],
    },
    'only transaction markers are left': { ...empty, partitions: [waiting(0, 1, 0, { waiting: false })] },
  },
})
