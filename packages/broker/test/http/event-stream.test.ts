import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rows } from '../../src/http/events/changed-rows.js'
import { EventStream } from '../../src/http/events/event-stream.js'
import { TestClock } from '../coordinator/test-clock.js'

function opened() {
  const clock = new TestClock()
  let ends = 0
  const stream = new EventStream(clock, () => {
    ends += 1
  })
  return { clock, stream, ends: () => ends }
}

async function turns(): Promise<void> {
  for (let at = 0; at < 20; at++) await new Promise((resolve) => setImmediate(resolve))
}

test('a reader that does not take what it has gets nothing more, and is cut off after 30 seconds', async () => {
  const { clock, stream, ends } = opened()
  assert.equal(stream.isFree, true)
  stream.send(Buffer.alloc(600_000))
  await turns()
  assert.equal(stream.isFree, false)
  await clock.advance(29_000)
  stream.look()
  assert.equal(stream.isOpen, true)
  await clock.advance(2_000)
  stream.look()
  assert.equal(stream.isOpen, false)
  assert.equal(ends(), 1)
})

test('a reader that takes everything is free again, and is not cut off', async () => {
  const { clock, stream } = opened()
  const reader = stream.readable.getReader()
  stream.send(Buffer.alloc(600_000))
  let taken = 0
  while (taken < 600_000) taken += (await reader.read()).value?.length ?? 0
  await turns()
  assert.equal(taken, 600_000)
  assert.equal(stream.isFree, true)
  await clock.advance(60_000)
  stream.look()
  await clock.advance(20_000)
  stream.look()
  assert.equal(stream.isOpen, true)
})

test('of a reader that leaves nothing is kept, and its end is told once', async () => {
  const { stream, ends } = opened()
  stream.send(Buffer.from('x'))
  await stream.readable.cancel()
  stream.close()
  stream.send(Buffer.from('y'))
  assert.deepEqual([stream.isOpen, ends()], [false, 1])
})

test('rows are told that are new or others, keys that are gone, and the order where that is shown', () => {
  const before = new Rows([
    ['a', 1],
    ['b', { x: 1 }],
    ['__proto__', 3],
  ])
  const now = new Rows([
    ['b', { x: 2 }],
    ['__proto__', 3],
    ['c', 4],
  ])
  const change = now.since(before, false)
  assert.equal(JSON.stringify(change), '{"rows":{"b":{"x":2},"c":4},"gone":["a"]}')
  assert.deepEqual(now.since(before, true)?.order, ['b', '__proto__', 'c'])
  assert.equal(now.since(now, true), undefined)
})
