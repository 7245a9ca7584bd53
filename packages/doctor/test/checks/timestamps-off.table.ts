import { timestampsOff } from '../../src/checks/cluster/timestamps-off.js'
import { testCheck } from '../check-table.js'
import { hour, minute, now } from '../facts.js'

const newest = (partition: number, timestamp: number, more = {}) => {
  return { topic: 'orders', partition, offset: 40 + partition, timestamp, ...more }
}
const brokersTime = ['rivvenctl topic alter orders --set message.timestamp.type=LogAppendTime']

testCheck(timestampsOff, {
  fires: {
    'more than five minutes in the future': [
      { newest: [newest(0, now + 6 * minute), newest(1, now + hour), newest(2, now)] },
      {
        severity: 'warning',
        subject: { topic: 'orders' },
        evidence: { 'ahead of now by': 3600, 'the record at offset': 41, in: 'orders/0 and orders/1' },
        commands: brokersTime,
      },
    ],
    'more than an hour from when it came': [
      { newest: [newest(0, now - 2 * hour, { arrivedAt: now })] },
      { severity: 'info', subject: { topic: 'orders', partition: 0 }, evidence: { 'apart by': 7200 } },
    ],
  },
  quiet: {
    'five minutes in the future': { newest: [newest(0, now + 5 * minute)] },
    'an hour from when it came': { newest: [newest(0, now - hour, { arrivedAt: now })] },
    'old records, of which nobody knows when they came': { newest: [newest(0, now - 100 * hour)] },
  },
})
