import { slowFetch } from '../../src/checks/reading/slow-fetch.js'
import { testCheck } from '../check-table.js'
import { pace, waiting } from '../facts.js'
import { read } from '../past.js'

const behind = (more = {}) => ({
  partitions: [waiting(0, 5_000, 60)],
  pace: [pace(0, { status: 'WARN', consumedPerSecond: 100, producedPerSecond: 300, ...more })],
})
const full = (more = {}) => ({ reads: [read(0, { position: 1_010, answerBytes: 900, mostBytes: 1_000, ...more })] })

testCheck(slowFetch, {
  fires: {
    'every answer is full, and handled at once': [
      { ...behind(), ...full() },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        evidence: { 'the last answer': 900, 'the most that was asked for': 1_000 },
        config: ['max_partition_fetch_bytes: 4000', 'fetch_max_bytes: 4000'],
      },
    ],
  },
  quiet: {
    'there is room in answers': { ...behind(), ...full({ answerBytes: 899 }) },
    'it is the handler': { ...behind(), ...full({ position: 1_500 }) },
    'it does not fall behind': { ...behind({ status: 'OK' }), ...full() },
    'there was no answer': { ...behind(), ...full({ answerBytes: null, mostBytes: null }) },
  },
})
