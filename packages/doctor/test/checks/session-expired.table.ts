import { sessionExpired } from '../../src/checks/members/session-expired.js'
import { testCheck } from '../check-table.js'
import { day, now, second } from '../facts.js'
import { expired, several } from '../past.js'

const at = now - 100 * second
const paused = { at, knewNothing: true, returnedAt: at + 15 * second }

testCheck(sessionExpired, {
  fires: {
    'its process stood still': [
      { departures: [expired('m-9', paused)] },
      {
        severity: 'info',
        subject: { group: 'g', member: 'm-9' },
        evidence: { verdict: 'paused', 'longest pause': 60 },
        config: ['session_timeout_ms: 120000'],
      },
    ],
    'its connection was closed before': [
      { departures: [expired('m-9', { disconnectedAt: at - 1 })] },
      { severity: 'info', evidence: { verdict: 'ended' }, config: [] },
    ],
    'several of one host in the same moment': [
      { departures: [expired('m-8', { at }), expired('m-9', { at: at + second })] },
      { severity: 'info', subject: { group: 'g' }, evidence: { verdict: 'network' } },
    ],
    'the broker itself stood still': [
      {
        departures: [expired('m-9', paused)],
        loop: { p99Ms: 1, stalls: [{ from: at - 20_000, to: at - 10_000, ms: 15_001 }] },
      },
      { evidence: { verdict: 'broker' }, config: [] },
    ],
    'nobody has heard of it since': [{ departures: [expired('m-9')] }, { evidence: { verdict: 'unknown' } }],
    'three paused': [{ departures: several(3, () => expired('m-9', paused)) }, { severity: 'warning' }],
    'three that ended are a matter of restarts': [
      { departures: several(3, () => expired('m-9', { disconnectedAt: at })) },
      { severity: 'info' },
    ],
    'two kinds': [
      { departures: [expired('m-8', paused), expired('m-9', { clientHost: '/10.0.0.2' })] },
      { evidence: { verdict: 'paused' } },
      { evidence: { verdict: 'unknown' } },
    ],
    'the broker stood still for a moment only': [
      { departures: [expired('m-9', paused)], loop: { p99Ms: 1, stalls: [{ from: at - 20_000, to: at, ms: 15_000 }] } },
      { evidence: { verdict: 'paused' } },
    ],
  },
  quiet: {
    'longer than a day ago': { departures: [expired('m-9', { at: now - day - 1 })] },
    'it left': { departures: [expired('m-9', { cause: 'member left' })] },
  },
})
