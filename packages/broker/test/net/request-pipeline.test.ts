import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { heartbeat, produce, Rig, until, versions } from './pipeline-rig.js'

test('produce requests overlap, and their answers leave in the order of the requests', async () => {
  const rig = new Rig()
  rig.stream.feed(produce(1), produce(2), produce(3))
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2', 'produce 3'])
  await rig.done('produce 3', 'produce 2')
  assert.deepEqual(rig.stream.answered, [])
  await rig.done('produce 1')
  assert.deepEqual(rig.stream.answered, [1, 2, 3])
  assert.equal(rig.stream.writes, 1)
})

test('a request that waits holds up all later ones of its connection', async () => {
  const rig = new Rig()
  rig.stream.feed(heartbeat(1), versions(2), heartbeat(3), produce(4))
  assert.deepEqual(rig.begun, ['heartbeat 1'])
  await rig.done('heartbeat 1')
  assert.deepEqual(rig.stream.answered, [1, 2])
  assert.deepEqual(rig.begun, ['heartbeat 1', 'heartbeat 3'])
  await rig.done('heartbeat 3')
  assert.deepEqual(rig.begun.at(-1), 'produce 4')
})

test('another request waits until all produce requests before it are answered', async () => {
  const rig = new Rig()
  rig.stream.feed(produce(1), produce(2), versions(3), produce(4))
  await rig.done('produce 2')
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2'])
  await rig.done('produce 1')
  assert.deepEqual(rig.stream.answered, [1, 2, 3])
  assert.equal(rig.begun.at(-1), 'produce 4')
})

test('answers to requests that came together leave together', () => {
  const rig = new Rig()
  rig.stream.feed(versions(1), versions(2), versions(3))
  assert.deepEqual(rig.stream.answered, [1, 2, 3])
  assert.equal(rig.stream.writes, 1)
})

test('a handler that fails closes its connection', async () => {
  const rig = new Rig()
  rig.stream.feed(heartbeat(1), versions(2))
  rig.finish.get('heartbeat 1')?.(new Error('a bug'))
  await setImmediate()
  assert.ok(rig.stream.isEnded)
  assert.deepEqual(rig.stream.answered, [])
})

test('rubbish behind a request under way closes the connection after that request is answered', async () => {
  const rig = new Rig()
  rig.stream.feed(produce(1), Buffer.from('00000008000000070000000', 'hex'))
  rig.stream.feed(Buffer.from('ffffffff', 'hex'))
  assert.ok(!rig.stream.isEnded)
  await rig.done('produce 1')
  assert.deepEqual(rig.stream.answered, [1])
  assert.ok(rig.stream.isEnded)
})

test('a peer that does not read is not read from, and goes on when it does', () => {
  const rig = new Rig()
  rig.stream.buffered = 9 * 1024 * 1024
  rig.stream.feed(versions(1))
  assert.deepEqual(rig.stream.answered, [])
  assert.ok(rig.stream.isPaused)
  rig.stream.drain()
  assert.deepEqual(rig.stream.answered, [1])
  assert.ok(!rig.stream.isPaused)
})

test('a connection with many requests waiting is not read until there are fewer', async () => {
  const rig = new Rig()
  rig.stream.feed(heartbeat(0))
  rig.stream.feed(...Array.from({ length: 300 }, (_, at) => versions(at + 1)))
  assert.ok(rig.stream.isPaused)
  await rig.done('heartbeat 0')
  await until(() => rig.stream.answered.length === 301)
  assert.ok(!rig.stream.isPaused)
})

test('a handler learns that its connection is gone', () => {
  const rig = new Rig()
  rig.stream.feed(heartbeat(1))
  let told = 0
  rig.connection?.onClose(() => told++)
  rig.connection?.onClose(() => told++)()
  rig.stream.lose()
  assert.equal(told, 1)
  assert.ok(rig.connection?.closed)
})
