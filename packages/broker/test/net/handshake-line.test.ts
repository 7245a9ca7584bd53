import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HandshakeLine } from '../../src/net/entrance/handshake-line.js'
import { settled, TestClock } from '../coordinator/test-clock.js'

test('handshakes are begun in their order, so many a second, and what was held up is made up for', async () => {
  const clock = new TestClock()
  const begun: number[] = []
  const line = new HandshakeLine<number>(clock, 100, (waiter) => void begun.push(waiter))
  for (let at = 0; at < 300; at++) line.add(at)
  await settled()
  await settled()
  assert.equal(begun.length, 10)
  await clock.advance(1_000)
  assert.ok(begun.length >= 100 && begun.length <= 111, `${begun.length} in a second`)
  for (const gone of [150, 151]) line.leave(gone)
  await clock.advance(3_000)
  const expected = Array.from({ length: 300 }, (_, at) => at).filter((at) => at !== 150 && at !== 151)
  assert.deepEqual(begun, expected)
  assert.equal(line.length, 0)
})

test('in a storm of handshakes whatever others ask in a turn of the event loop is served before the next handshake', async () => {
  const clock = new TestClock()
  const happened: string[] = []
  const storm = new HandshakeLine<number>(clock, 1_000_000, () => void happened.push('handshake'))
  for (let at = 0; at < 500; at++) storm.add(at)
  for (let turn = 0; turn < 200; turn++) {
    // Before what has its turn later, as a socket that is read.
    for (let client = 0; client < 3; client++) happened.push('heartbeat')
    await new Promise(setImmediate)
  }
  const between = happened.join(' ').split('heartbeat heartbeat heartbeat')
  const most = Math.max(...between.map((part) => part.split('handshake').length - 1))
  assert.equal(most, 1)
  assert.ok(storm.length > 0)
})
