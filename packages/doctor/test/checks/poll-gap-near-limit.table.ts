import { pollGapNearLimit } from '../../src/checks/members/poll-gap-near-limit.js'
import { testCheck } from '../check-table.js'
import { hour } from '../facts.js'
import { departure, story } from '../past.js'

const late = (waitedMs: number, more = {}) => {
  const who = { memberId: 'm-1', groupInstanceId: null, clientId: 'worker', clientHost: '/10.0.0.1' }
  return story(hour, { late: [{ ...who, phase: 'join', waitedMs, removed: false, ...more }] })
}

const polls = (longestGapMs: number | null) => ({ memberId: 'm-1', longestGapMs, idleRatio: 0.5 })

testCheck(pollGapNearLimit, {
  fires: {
    'it took more than half of its time': [
      { rebalances: [late(150_001), late(20_000)] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-1' },
        evidence: { 'it kept others waiting for': 150.001 },
        config: ['max_poll_records: 249', 'max_poll_interval_ms: 301000'],
      },
    ],
    'its client tells of more than four fifths of it between two polls': [
      { polls: [polls(240_001)] },
      {
        severity: 'warning',
        subject: { group: 'g', member: 'm-1' },
        evidence: { 'longest time between two polls': 240.001 },
        config: ['max_poll_records: 156', 'max_poll_interval_ms: 481000'],
      },
    ],
  },
  quiet: {
    'four fifths between two polls': { polls: [polls(240_000)] },
    'its client tells of no polls': { polls: [polls(null)] },
    half: { rebalances: [late(150_000)] },
    'it was given up': { rebalances: [late(300_000, { removed: true })] },
    'it waited for the assignment': { rebalances: [late(200_000, { phase: 'sync' })] },
    'one that went beyond its limit is another finding': {
      rebalances: [late(200_000)],
      departures: [departure('m-0', { cause: 'poll timeout' })],
    },
  },
})
