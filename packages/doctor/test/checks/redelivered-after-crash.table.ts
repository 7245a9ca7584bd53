import { redeliveredAfterCrash } from '../../src/checks/commits/redelivered-after-crash.js'
import { testCheck } from '../check-table.js'
import { day, now } from '../facts.js'
import { departure, expired } from '../past.js'

testCheck(redeliveredAfterCrash, {
  fires: {
    'a thousand records': [
      { departures: [expired('m-8', { readPast: 1_000 }), expired('m-9', { readPast: 1_500 })] },
      {
        severity: 'info',
        subject: { group: 'g', member: 'm-9' },
        evidence: { 'read, and not committed': 1_500, 'of all within 24 h': 2_500 },
        config: ['auto_commit_interval_ms: 1000'],
      },
    ],
  },
  quiet: {
    'a few': { departures: [expired('m-9', { readPast: 999 })] },
    'not known': { departures: [expired('m-9')] },
    'it left in order': { departures: [departure('m-9', { readPast: 5_000 })] },
    'longer than a day ago': { departures: [expired('m-9', { readPast: 5_000, at: now - day - 1 })] },
  },
})
