import { eventLoopBlocked } from '../../src/checks/members/event-loop-blocked.js'
import { testCheck } from '../check-table.js'

const loop = (p99Ms: number, maxMs: number) => ({
  eventLoops: [{ memberId: 'm-0', p99Ms, maxMs, sessionTimeoutMs: 45_000 }],
})

testCheck(eventLoopBlocked, {
  fires: {
    'for more than a fifth of a second, often': [
      loop(201, 300),
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-0' },
        evidence: { 'delay of the event loop (p99)': 0.201 },
      },
    ],
    'for a third of the session, once': [loop(5, 15_001), {}],
  },
  quiet: { 'shorter than that': loop(200, 15_000) },
})
