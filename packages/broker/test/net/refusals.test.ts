import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logger } from 'pino'
import { openLog } from '../../src/log-output.js'
import { FailedLogins } from '../../src/net/failed-logins.js'
import { Refusals } from '../../src/net/refusals.js'
import { TestClock } from '../coordinator/test-clock.js'

/** A log whose lines a test reads. */
function keptLog(): { log: Logger; lines: { level: number; msg: string; count?: number; peer?: string }[] } {
  const lines: { level: number; msg: string; count?: number; peer?: string }[] = []
  return { lines, log: openLog('info', { write: (line) => void lines.push(JSON.parse(line)) }) }
}

test('a thousand clients that are sent away for one reason are two lines in a minute, and counted', async () => {
  const clock = new TestClock()
  const { log, lines } = keptLog()
  const refusals = new Refusals(clock, log)
  const text = 'a client did not come in: TLS'
  for (let at = 0; at < 1_000; at++) {
    refusals.add({ reason: 'tls', level: 'info', text, facts: { peer: `10.0.0.${at % 256}` } })
  }
  assert.deepEqual(
    lines.map(({ msg, peer }) => [msg, peer]),
    [[text, '10.0.0.0']],
  )
  await clock.advance(60_000)
  assert.equal(lines.length, 2)
  assert.equal(lines[1]?.count, 999)
  assert.equal(refusals.counts.get('tls'), 1_000)
  await clock.advance(600_000)
  assert.equal(lines.length, 2)
  refusals.add({ reason: 'tls', level: 'info', text, facts: {} })
  assert.equal(lines.length, 3)
})

test('ten thousand causes that clients have made up are some hundred lines', async () => {
  const clock = new TestClock()
  const { log, lines } = keptLog()
  const refusals = new Refusals(clock, log)
  for (let at = 0; at < 10_000; at++) {
    refusals.add({ reason: 'tls', level: 'info', text: 'no', facts: {}, cause: `${at}` })
  }
  await clock.advance(60_000)
  assert.equal(lines.length, 102)
  assert.equal(lines.at(-1)?.count, 9_899)
})

test('the twenty-first failed login of an address within ten seconds is answered a second late, and so is each further', () => {
  const clock = new TestClock()
  const { log, lines } = keptLog()
  const logins = new FailedLogins(clock, new Refusals(clock, log))
  const fail = () => {
    clock.pass(400)
    return logins.failed('10.0.0.1', 100)
  }
  assert.deepEqual(new Set(Array.from({ length: 20 }, fail)), new Set([100]))
  assert.deepEqual(Array.from({ length: 5 }, fail), [1_000, 1_000, 1_000, 1_000, 1_000])
  assert.equal(logins.failed('10.0.0.2', 100), 100)
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.peer, '10.0.0.1')
})

test('an address whose failed logins are far between is as fast as before, and so is one that has stopped for a while', () => {
  const clock = new TestClock()
  const logins = new FailedLogins(clock, new Refusals(clock, keptLog().log))
  for (let at = 0; at < 100; at++) {
    clock.pass(500)
    assert.equal(logins.failed('10.0.0.1', 100), 100)
  }
  for (let at = 0; at < 40; at++) logins.failed('10.0.0.1', 100)
  assert.equal(logins.failed('10.0.0.1', 100), 1_000)
  clock.pass(10_000)
  assert.equal(logins.failed('10.0.0.1', 100), 100)
})
