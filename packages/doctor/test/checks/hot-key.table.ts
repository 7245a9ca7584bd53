import { hotKey } from '../../src/checks/lag/hot-key.js'
import { testCheck } from '../check-table.js'

const sample = (records: number, ...counts: number[]) => ({
  keys: [{ topic: 'orders', partition: 1, records, keys: counts.map((count, at) => ({ hash: `hash-${at}`, count })) }],
})

testCheck(hotKey, {
  fires: {
    'a key has more than three tenths': [
      sample(1_000, 2, 301),
      {
        severity: 'warning',
        subject: { group: 'g', topic: 'orders', partition: 1 },
        title: 'One key makes 30 % of what comes into orders/1',
        evidence: { 'of the newest 1000 records': 30, 'hash of the key': 'hash-1' },
      },
    ],
    'and is named where somebody asked for that': [
      { keys: [{ ...sample(1_000).keys[0]!, keys: [{ hash: 'h', count: 900, key: 'customer-7' }] }] },
      { evidence: { 'the key': 'customer-7' } },
    ],
  },
  quiet: {
    'three tenths': sample(1_000, 300),
    'of few records': sample(99, 99),
    'records without keys': sample(1_000),
  },
})
