import { brokerLoop } from '../../src/checks/cluster/broker-loop.js'
import { testCheck } from '../check-table.js'
import { now } from '../facts.js'

testCheck(brokerLoop, {
  fires: {
    'it is late by more than 50 ms': [
      { loop: { p99Ms: 51, stalls: [{ from: now - 2, to: now - 1, ms: 4_000 }] } },
      {
        severity: 'warning',
        evidence: { 'event loop (p99, last five minutes)': 0.051, 'longest it stood still': 4 },
      },
    ],
  },
  quiet: { '50 ms': { loop: { p99Ms: 50, stalls: [] } } },
})
