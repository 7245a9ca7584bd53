import { pollTimeout } from '../../src/checks/members/poll-timeout.js'
import { testCheck } from '../check-table.js'
import { day, hour, now } from '../facts.js'
import { departure, several } from '../past.js'

const late = (at: number, more = {}) => departure('m-9', { cause: 'poll timeout', at, ...more })

testCheck(pollTimeout, {
  fires: {
    'once, and back after as long again': [
      { departures: [late(now - hour, { returnedAt: now - hour + 300_000, readPast: 80 })] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-9' },
        since: now - hour,
        evidence: { 'between two polls, at least': 600, max_poll_interval_ms: 300, 'it had got and not committed': 80 },
        config: ['max_poll_records: 20', 'max_poll_interval_ms: 1200000'],
      },
    ],
    'three times': [
      { departures: several(3, (number) => late(now - number * 1_000)) },
      { severity: 'critical', config: ['max_poll_records: 250', 'max_poll_interval_ms: 600000'] },
    ],
    'two places, each by itself': [
      { departures: [late(now - 1), late(now - 2, { clientHost: '/10.0.0.2' })] },
      { severity: 'warning' },
      { severity: 'warning' },
    ],
    'a client without max_poll_records': [
      { departures: [late(now, { software: 'librdkafka' })] },
      { config: ['max.poll.interval.ms: 600000'] },
    ],
  },
  quiet: {
    'longer than a day ago': { departures: [late(now - day - 1)] },
    'another cause': { departures: [departure('m-9')] },
  },
})
