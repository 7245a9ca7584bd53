import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asker, Audit } from '../../src/security/audit/audit.js'
import { TestClock } from '../coordinator/test-clock.js'

const alice: Asker = {
  access: { principal: 'User:alice', host: '10.0.0.1' },
  clientId: 'app',
  listener: 'CLIENTS',
  api: 'Fetch',
}
const stranger: Asker = { ...alice, access: { principal: 'User:ANONYMOUS', host: '10.0.0.9' }, api: 'SaslAuthenticate' }

/** What is written, line by line. */
function rig({ tellsLogins = false } = {}) {
  const clock = new TestClock()
  const lines: string[] = []
  const audit = new Audit({ clock, tellsLogins, output: { write: (line) => lines.push(line) } })
  return { clock, audit, lines, told: () => lines.splice(0).map((line) => JSON.parse(line)) }
}

test('a denial is told at once, with all that is known of it', () => {
  const { audit, told } = rig()
  audit.denied(alice, 'READ', 'TOPIC', 'orders')
  assert.deepEqual(told(), [
    {
      time: '2023-11-14T22:13:21.000Z',
      principal: 'User:alice',
      host: '10.0.0.1',
      listener: 'CLIENTS',
      clientId: 'app',
      api: 'Fetch',
      resource: 'TOPIC orders',
      operation: 'READ',
      outcome: 'denied',
      count: 1,
    },
  ])
})

test('the same denial has one line a minute, with a count, until it is heard of no more', async () => {
  const { audit, clock, told } = rig()
  const deny = (times: number) => {
    for (let time = 0; time < times; time++) audit.denied(alice, 'READ', 'TOPIC', 'orders')
  }
  deny(501)
  await clock.advance(60_000)
  assert.deepEqual(
    told().map(({ count }) => count),
    [1, 500],
  )
  deny(20)
  assert.deepEqual(told(), [])
  await clock.advance(60_000)
  assert.deepEqual(
    told().map(({ count }) => count),
    [20],
  )
  await clock.advance(120_000)
  assert.deepEqual(told(), [])
  deny(1)
  assert.equal(told().length, 1)
})

test('what was counted when the broker ends is told', async () => {
  const { audit, told } = rig()
  for (let time = 0; time < 3; time++) audit.denied(alice, 'READ', 'TOPIC', 'orders')
  await audit.close()
  assert.deepEqual(
    told().map(({ count }) => count),
    [1, 2],
  )
})

test('who asks for a million different names fills neither the log nor the memory', async () => {
  const { audit, clock, lines, told } = rig()
  const name = 'x'.repeat(30_000)
  for (let at = 0; at < 100_000; at++) audit.denied(alice, 'READ', 'TOPIC', `${at} ${name}`)
  assert.ok(lines.length <= 1_001, String(lines.length))
  assert.ok(lines.join('').length < 1_000_000)
  await clock.advance(60_000)
  assert.equal(
    told().reduce((sum, { count }) => sum + count, 0),
    100_000,
  )
})

test('a failed login is told always, one that went well where it is asked for', () => {
  for (const tellsLogins of [false, true]) {
    const { audit, told } = rig({ tellsLogins })
    audit.loginFailed(stranger, { mechanism: 'PLAIN', user: 'alice' })
    audit.loggedIn(alice, { mechanism: 'PLAIN', user: 'alice' })
    const seen = told().map(({ principal, resource, outcome, detail }) => [principal, resource, outcome, detail])
    const failed = ['User:ANONYMOUS', 'USER alice', 'failed', 'PLAIN']
    assert.deepEqual(seen, tellsLogins ? [failed, ['User:alice', 'USER alice', 'done', 'PLAIN']] : [failed])
  }
})

test('failed logins of different addresses are told apart', () => {
  const { audit, told } = rig()
  for (const host of ['10.0.0.1', '10.0.0.2', '10.0.0.1']) {
    audit.loginFailed({ ...stranger, access: { principal: 'User:ANONYMOUS', host } }, { mechanism: 'PLAIN', user: 'a' })
  }
  assert.deepEqual(
    told().map(({ host }) => host),
    ['10.0.0.1', '10.0.0.2'],
  )
})

test('every change is told, one that failed once a minute', () => {
  const { audit, told } = rig()
  for (const error of ['NONE', 'NONE', 'TOPIC_ALREADY_EXISTS', 'TOPIC_ALREADY_EXISTS']) {
    audit.changed(alice, { operation: 'CREATE', type: 'TOPIC', name: 'orders', error, detail: '3 partitions' })
  }
  assert.deepEqual(
    told().map(({ outcome }) => outcome),
    ['done', 'done', 'TOPIC_ALREADY_EXISTS'],
  )
})

test('whatever clients name themselves and others, a line is one line of printable text', () => {
  const { audit, lines } = rig()
  const codes = Array.from({ length: 0x3000 }, (_, code) => code)
  const ends = [...codes, 0xfeff, 0xd800, 0xdc00, 0xdbff, 0xdfff, 0xe0001, 0x1f600, 0x10ffff].map((code) =>
    String.fromCodePoint(code),
  )
  for (const one of ends) {
    const asker = { ...alice, clientId: `\u001b[2J${one}`, access: { principal: `User:a${one}`, host: 'h' } }
    audit.changed(asker, { operation: 'CREATE', type: 'TOPIC', name: `x${one}`, error: 'NONE', detail: one })
  }
  assert.equal(lines.length, ends.length)
  for (const [at, line] of lines.entries()) {
    // What is no letter, mark, number, sign or space is for terminals, not for readers.
    assert.match(line, /^[^\p{C}\p{Zl}\p{Zp}]+\n$/u, `U+${ends[at]?.codePointAt(0)?.toString(16)}`)
    assert.equal(JSON.parse(line).clientId, `\u001b[2J${ends[at]}`)
  }
})

test('texts of clients are cut at 256 characters, never through one', () => {
  const { audit, told } = rig()
  audit.denied({ ...alice, clientId: 'c'.repeat(70_000) }, 'READ', 'TOPIC', 't'.repeat(32_000))
  audit.denied(alice, 'READ', 'GROUP', `${'g'.repeat(255)}😀`)
  const [first, second] = told()
  assert.equal(first.clientId, `${'c'.repeat(256)}…`)
  assert.equal(first.resource, `TOPIC ${'t'.repeat(256)}…`)
  assert.equal(second.resource, `GROUP ${'g'.repeat(255)}…`)
})

test('where nothing is kept, everything is counted for the metrics', () => {
  const audit = new Audit({ clock: new TestClock() })
  assert.equal(audit.isKept, false)
  audit.denied(alice, 'READ', 'TOPIC', 'orders')
  audit.denied(alice, 'READ', 'TOPIC', 'payments')
  audit.loginFailed(stranger, { mechanism: 'PLAIN', user: 'alice' })
  audit.loggedIn(alice, { mechanism: 'PLAIN' })
  audit.loggedIn(alice, { mechanism: 'PLAIN', isAgain: true })
  assert.deepEqual([...audit.denials], [{ labels: { operation: 'READ', resource_type: 'TOPIC' }, count: 2 }])
  assert.deepEqual(
    [...audit.authentications].map(({ labels }) => labels.outcome),
    ['failed', 'done'],
  )
  assert.deepEqual([...audit.reauthentications], [{ labels: { outcome: 'done' }, count: 1 }])
})
