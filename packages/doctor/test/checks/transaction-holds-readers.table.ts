import { transactionHoldsReaders } from '../../src/checks/cluster/transaction-holds-readers.js'
import { testCheck } from '../check-table.js'
import { minute, now, second } from '../facts.js'

const held = (more = {}) => ({
  ...{ topic: 'orders', partition: 0, producerId: 6, transactionalId: 'copier-0', startedAt: now - 2 * minute },
  ...{ timeoutMs: 10 * minute, firstOffset: 100, heldRecords: 7, groups: ['g'], ...more },
})

testCheck(transactionHoldsReaders, {
  fires: {
    'it is open for longer than a minute': [
      { transactions: [held()] },
      {
        severity: 'warning',
        subject: { topic: 'orders', partition: 0 },
        since: now - 2 * minute,
        title: 'The open transaction of copier-0 holds up readers of committed records',
        evidence: { 'it is open for': 120, 'its timeout': 600, 'held up': 7, 'groups that wait': 'g' },
        commands: ['rivvenctl transaction describe copier-0', 'rivvenctl transaction abort copier-0'],
      },
    ],
    'one transaction in two partitions, beyond its timeout': [
      { transactions: [held({ timeoutMs: minute }), held({ timeoutMs: minute, partition: 1, groups: ['h'] })] },
      {
        severity: 'critical',
        subject: { topic: 'orders' },
        evidence: { 'held up': 14, in: 'orders/0 and orders/1', 'groups that wait': 'g and h' },
      },
    ],
    'no coordinator knows it': [
      { transactions: [held({ transactionalId: null, timeoutMs: null })] },
      {
        severity: 'critical',
        commands: ['rivvenctl transaction abort --topic orders --partition 0 --producer-id 6'],
      },
    ],
    'two producers': [{ transactions: [held(), held({ producerId: 7, transactionalId: 'copier-1' })] }, {}, {}],
  },
  quiet: { 'for a minute': { transactions: [held({ startedAt: now - 60 * second })] } },
})
