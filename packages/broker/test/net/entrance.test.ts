import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from '../../src/config/broker-config.js'
import { openLog } from '../../src/log-output.js'
import { Deadlines } from '../../src/net/deadlines.js'
import { AddressLimits } from '../../src/net/entrance/address-limits.js'
import { Door } from '../../src/net/entrance/door.js'
import { Entrance } from '../../src/net/entrance/entrance.js'
import type { Visitor } from '../../src/net/entrance/visitor.js'
import { Refusals } from '../../src/net/refusals.js'
import { TestClock } from '../coordinator/test-clock.js'

const NO_LIMIT = 2_147_483_647

/** An entrance and those who come to it, by number. */
class Rig {
  readonly clock = new TestClock()
  readonly lines: { msg: string; level: number; peer?: string; count?: number }[] = []
  readonly deadlines = new Deadlines(this.clock)
  readonly refusals: Refusals
  readonly entrance: Entrance
  readonly door = new Door('A', NO_LIMIT, NO_LIMIT)
  readonly entered: number[] = []
  readonly closed: number[] = []
  readonly visitors: (Visitor | undefined)[] = []

  constructor(values: Record<string, unknown>) {
    this.refusals = new Refusals(
      this.clock,
      openLog('info', { write: (line) => void this.lines.push(JSON.parse(line)) }),
    )
    const config = brokerConfig([{ from: 'test', values }])
    const { clock, deadlines, refusals } = this
    this.entrance = new Entrance({ config, clock, deadlines, refusals })
  }

  come(host = '10.0.0.1', door = this.door): Visitor | undefined {
    const at = this.visitors.length
    const deadline = this.clock.monotonic() + 30_000
    const enter = () => void this.entered.push(at)
    const visitor = this.entrance.arrive({ host, door, deadline, enter, destroy: () => void this.closed.push(at) })
    this.visitors.push(visitor)
    return visitor
  }

  leave(at: number): void {
    this.entrance.left(this.visitors[at] as Visitor)
  }
}

test('beyond max_connections one waits until another one ends, in the order of coming', () => {
  const rig = new Rig({ max_connections: 2 })
  for (let at = 0; at < 5; at++) rig.come()
  assert.deepEqual(rig.entered, [0, 1])
  rig.leave(1)
  rig.leave(3)
  assert.deepEqual(rig.entered, [0, 1, 2])
  rig.leave(0)
  assert.deepEqual(rig.entered, [0, 1, 2, 4])
  assert.deepEqual(rig.closed, [])
  assert.deepEqual(
    rig.lines.map(({ msg, level }) => [msg, level]),
    [['clients wait to be accepted: there are max_connections connections', 40]],
  )
})

test('who waits for a connection for too long is closed, and so is the oldest of more than 1,024 that wait', async () => {
  const rig = new Rig({ max_connections: 1 })
  rig.come()
  for (let at = 0; at < 1_026; at++) rig.come()
  assert.deepEqual(rig.closed, [1, 2])
  assert.equal(rig.refusals.counts.get('line_full'), 2)
  await rig.clock.advance(31_100)
  assert.equal(rig.closed.length, 1_026)
  assert.equal(rig.refusals.counts.get('waited_too_long'), 1_024)
  assert.deepEqual(rig.entered, [0])
  assert.equal(rig.deadlines.count, 0)
})

test('a listener that is full keeps nobody from another one', () => {
  const rig = new Rig({})
  const small = new Door('B', 1, NO_LIMIT)
  rig.come('10.0.0.1', small)
  rig.come('10.0.0.1', small)
  rig.come()
  assert.deepEqual(rig.entered, [0, 2])
  rig.leave(0)
  assert.deepEqual(rig.entered, [0, 2, 1])
})

test('of more than max_connection_creation_rate a second the others wait; a pause lets as many come at once', async () => {
  const rig = new Rig({ max_connection_creation_rate: 10 })
  for (let at = 0; at < 25; at++) rig.come()
  assert.equal(rig.entered.length, 10)
  await rig.clock.advance(500)
  assert.equal(rig.entered.length, 15)
  await rig.clock.advance(1_000)
  assert.equal(rig.entered.length, 25)
  assert.deepEqual(
    rig.entered,
    [...rig.entered].sort((a, b) => a - b),
  )
  await rig.clock.advance(1_000)
  for (let at = 0; at < 10; at++) rig.come()
  assert.equal(rig.entered.length, 35)
  assert.equal(rig.lines[0]?.level, 30)
})

test('beyond max_connections_per_ip one is closed at once, with a line a minute for each address', async () => {
  const rig = new Rig({ max_connections_per_ip: 2, max_connections_per_ip_overrides: '10.0.0.9:1, [::1]:3' })
  for (let at = 0; at < 5; at++) rig.come()
  for (let at = 0; at < 3; at++) rig.come('10.0.0.9')
  for (let at = 0; at < 4; at++) rig.come('::1')
  assert.deepEqual(rig.entered, [0, 1, 5, 8, 9, 10])
  assert.deepEqual(rig.closed, [2, 3, 4, 6, 7, 11])
  assert.deepEqual(
    rig.lines.map(({ peer, level }) => [peer, level]),
    [
      ['10.0.0.1', 40],
      ['10.0.0.9', 40],
      ['::1', 40],
    ],
  )
  rig.leave(0)
  rig.leave(0)
  assert.deepEqual([rig.come() !== undefined, rig.come()], [true, undefined])
  assert.equal(rig.refusals.counts.get('max_connections_per_ip'), 7)
})

test('overrides that are none say what is expected', () => {
  for (const wrong of ['10.0.0.5', 'somewhere:5', '10.0.0.5:many', ':5', '10.0.0.5:-1']) {
    const keys = { max_connections_per_ip: 1, max_connections_per_ip_overrides: wrong }
    assert.throws(() => new AddressLimits(keys), /max_connections_per_ip_overrides has '.*', which is no address/)
  }
})

test('of more than max_unauthenticated_connections the oldest is closed; who has logged in is none of them', () => {
  const rig = new Rig({ max_unauthenticated_connections: 3 })
  for (let at = 0; at < 4; at++) rig.entrance.addStranger(rig.come() as Visitor)
  assert.deepEqual(rig.closed, [0])
  rig.entrance.removeStranger(rig.visitors[1] as Visitor)
  rig.entrance.addStranger(rig.come() as Visitor)
  assert.deepEqual(rig.closed, [0])
  rig.entrance.addStranger(rig.come() as Visitor)
  assert.deepEqual(rig.closed, [0, 2])
  assert.equal(rig.refusals.counts.get('max_unauthenticated_connections'), 2)
  assert.equal(rig.lines.length, 1)
  assert.equal(rig.lines[0]?.level, 40)
})
