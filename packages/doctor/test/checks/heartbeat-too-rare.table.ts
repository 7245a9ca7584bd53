import { heartbeatTooRare } from '../../src/checks/members/heartbeat-too-rare.js'
import { testCheck } from '../check-table.js'
import { signs } from '../past.js'

testCheck(heartbeatTooRare, {
  fires: {
    'less than three in a session': [
      { signs: [signs('m-0'), signs('m-1', { heartbeatGapMs: 17_000 })] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-1' },
        evidence: { 'usually between two heartbeats': 17, session_timeout_ms: 45 },
        config: ['heartbeat_interval_ms: 15000'],
      },
    ],
  },
  quiet: {
    'a third, and timers that are late': { signs: [signs('m-1', { heartbeatGapMs: 15_400 })] },
    'too few were seen': { signs: [signs('m-1', { heartbeatGapMs: null })] },
  },
})
