import { slowHandler } from '../../src/checks/reading/slow-handler.js'
import { testCheck } from '../check-table.js'
import { pace, waiting } from '../facts.js'
import { read } from '../past.js'

const behind = (more = {}) => ({
  partitions: [waiting(0, 5_000, 60)],
  pace: [pace(0, { status: 'WARN', consumedPerSecond: 100, producedPerSecond: 300, ...more })],
})

const polls = (idleRatio: number | null) => ({ memberId: 'm-0', longestGapMs: null, idleRatio })

testCheck(slowHandler, {
  fires: {
    'five hundred records are in hand': [
      { ...behind({ consumedPerSecond: 1_000 }), reads: [read(0, { position: 1_500 })] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        evidence: { 'fetched, and not committed': 500, in: 'orders/0' },
      },
    ],
    'its client tells that it hardly ever waits for records': [
      { ...behind(), reads: [read(0, { position: 1_001 })], polls: [polls(0.09)] },
      { subject: { group: 'g', member: 'm-0' }, evidence: { 'it waits for records for': 9 } },
    ],
    'two seconds of them': [{ ...behind(), reads: [read(0, { position: 1_200 })] }, {}],
  },
  quiet: {
    'less than that': { ...behind(), reads: [read(0, { position: 1_199 })] },
    'it waits for a tenth of its time': { ...behind(), reads: [read(0, { position: 1_001 })], polls: [polls(0.1)] },
    'its client tells of no polls': { ...behind(), reads: [read(0, { position: 1_001 })], polls: [polls(null)] },
    'it does not fall behind': { ...behind({ status: 'OK' }), reads: [read(0, { position: 1_500 })] },
    'it has not fetched yet': { ...behind(), reads: [read(0, { position: null })] },
  },
})
