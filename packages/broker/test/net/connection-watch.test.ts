import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connections } from '../../src/net/connections.js'
import { Deadlines } from '../../src/net/deadlines.js'
import { TestClock } from '../coordinator/test-clock.js'
import { heartbeat, Rig, versions } from './pipeline-rig.js'

const idleMs = 600_000

/** A connection that is watched, by a clock that the test moves. */
function watched(loginWithinMs?: number) {
  const clock = new TestClock()
  const deadlines = new Deadlines(clock)
  const rig: Rig = new Rig({
    clock,
    isOpen: loginWithinMs === undefined,
    lookAt: (connection, time) => connections.lookAt(connection, time),
  })
  const connections = new Connections(rig.services, deadlines)
  connections.add(rig.connected, clock.monotonic() + (loginWithinMs ?? 0))
  return { clock, rig, deadlines }
}

test('a request that does not grow for a minute ends its connection, one that grows by a byte does not', async () => {
  const { clock, rig } = watched()
  const bytes = versions(1)
  await clock.advance(45_000)
  rig.stream.feed(bytes.subarray(0, 5))
  await clock.advance(59_000)
  rig.stream.feed(bytes.subarray(5, 6))
  await clock.advance(59_000)
  assert.equal(rig.stream.isEnded, false)
  await clock.advance(2_001)
  assert.equal(rig.stream.isEnded, true)
  assert.equal(rig.services.refusals.counts.get('frame_timeout'), 1)
})

test('time in which the broker itself does not read is not counted against a request that has begun', async () => {
  const { clock, rig } = watched()
  rig.stream.feed(heartbeat(1))
  for (let id = 2; id < 260; id++) rig.stream.feed(heartbeat(id))
  rig.stream.feed(versions(300).subarray(0, 5))
  assert.equal(rig.stream.isPaused, true)
  await clock.advance(300_000)
  assert.equal(rig.stream.isEnded, false)
  for (let id = 1; id < 260; id++) await rig.done(`heartbeat ${id}`)
  assert.equal(rig.stream.isPaused, false)
  await clock.advance(59_000)
  assert.equal(rig.stream.isEnded, false)
  await clock.advance(2_001)
  assert.equal(rig.stream.isEnded, true)
})

test('a peer that is full of answers and reads none for a minute is closed, one that reads some is not', async () => {
  const { clock, rig } = watched()
  rig.stream.feed(heartbeat(1))
  rig.stream.buffered = 9_000_000
  await rig.done('heartbeat 1')
  assert.equal(rig.stream.isPaused, true)
  for (let minute = 0; minute < 5; minute++) {
    await clock.advance(50_000)
    rig.stream.buffered -= 1
  }
  assert.equal(rig.stream.isEnded, false)
  await clock.advance(66_001)
  assert.equal(rig.services.refusals.counts.get('unread_answers'), 1)
  await clock.advance(1_002)
  assert.equal(rig.stream.isEnded || rig.stream.isDestroyed, true)
})

test('a connection without requests ends after its idle time, one whose request takes long does not', async () => {
  const { clock, rig } = watched()
  rig.stream.feed(heartbeat(1))
  await clock.advance(2 * idleMs)
  assert.equal(rig.stream.isEnded, false)
  await rig.done('heartbeat 1')
  await clock.advance(idleMs - 60_000)
  assert.equal(rig.stream.isEnded, false)
  await clock.advance(2 * 60_000 + 2)
  assert.equal(rig.stream.isEnded, true)
})

test('who does not log in in time is closed, whatever bytes come meanwhile, and forgotten', async () => {
  const { clock, rig, deadlines } = watched(30_000)
  for (let second = 0; second < 30; second += 5) {
    rig.stream.feed(versions(1).subarray(second / 5, second / 5 + 1))
    await clock.advance(4_990)
  }
  assert.equal(rig.stream.isEnded, false)
  await clock.advance(1_100)
  assert.equal(rig.stream.isEnded, true)
  assert.equal(rig.services.refusals.counts.get('login_timeout'), 1)
  assert.equal(deadlines.count, 0)
})
