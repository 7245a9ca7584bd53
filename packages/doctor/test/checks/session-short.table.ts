import { sessionShort } from '../../src/checks/members/session-short.js'
import { testCheck } from '../check-table.js'
import { day, now } from '../facts.js'
import { expired } from '../past.js'

const short = (more = {}) => expired('m-9', { sessionTimeoutMs: 9_999, ...more })

testCheck(sessionShort, {
  fires: {
    'a short session ended': [
      { departures: [short({ software: null })] },
      { severity: 'warning', evidence: { session_timeout_ms: 9.999 }, config: ['sessionTimeout: 45000'] },
    ],
  },
  quiet: {
    'a session of ten seconds': { departures: [short({ sessionTimeoutMs: 10_000 })] },
    'longer than a day ago': { departures: [short({ at: now - day - 1 })] },
    'its process ended': { departures: [short({ disconnectedAt: now })] },
  },
})
