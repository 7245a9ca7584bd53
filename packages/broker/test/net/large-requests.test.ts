import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { encodeRequest, Produce } from '@rivven/protocol'
import { BusyClock } from '../busy-clock.js'
import { produce, Rig, until, versions } from './pipeline-rig.js'

/** Of so many elements that it is read in stretches. */
function largeProduce(id: number): Buffer {
  const topicData = Array.from({ length: 3_000 }, (_, at) => ({ name: `t${at}`, partitionData: [] }))
  const header = { correlationId: id, clientId: 'c' }
  return Buffer.concat(encodeRequest(Produce, 7, header, { acks: -1, timeoutMs: id, topicData }))
}

test('a request of many elements is read in stretches', async () => {
  const clock = new BusyClock()
  const rig = new Rig({ clock })
  rig.stream.feed(largeProduce(1))
  assert.deepEqual(rig.begun, [])
  await until(() => rig.begun.length > 0)
  assert.ok(clock.turns >= 10, `${clock.turns} turns`)
  await rig.done('produce 1')
  await until(() => rig.stream.answered.length > 0)
  assert.deepEqual(rig.stream.answered, [1])
})

test('nothing behind a request of many elements begins before that is answered', async () => {
  const rig = new Rig()
  rig.stream.feed(produce(1), largeProduce(2), produce(3), versions(4))
  assert.deepEqual(rig.begun, ['produce 1'])
  await until(() => rig.begun.length > 1)
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2'])
  await rig.done('produce 1')
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2'])
  await rig.done('produce 2')
  await until(() => rig.begun.length > 2)
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2', 'produce 3'])
  await rig.done('produce 3')
  assert.deepEqual(rig.stream.answered, [1, 2, 3, 4])
})

test('a request of many elements that ends too early closes its connection, once those before it are answered', async () => {
  const rig = new Rig()
  const whole = largeProduce(2)
  const cut = Buffer.from(whole.subarray(0, whole.length - 5))
  cut.writeInt32BE(cut.length - 4)
  rig.stream.feed(produce(1), cut, produce(3))
  await setImmediate()
  await rig.done('produce 1')
  await until(() => rig.stream.isEnded)
  assert.deepEqual(rig.stream.answered, [1])
  assert.deepEqual(rig.begun, ['produce 1'])
})

test('a thousand requests that came together let others have their turn, and are answered in order', async () => {
  const clock = new BusyClock()
  const rig = new Rig({ clock })
  const ids = Array.from({ length: 1_000 }, (_, at) => at)
  rig.stream.feed(...ids.map(versions))
  assert.ok(rig.stream.answered.length < 1_000)
  await until(() => rig.stream.answered.length === 1_000)
  assert.deepEqual(rig.stream.answered, ids)
  assert.ok(clock.turns >= 20, `${clock.turns} turns`)
  assert.ok(!rig.stream.isPaused)
})

test('before and behind each large answer others have their turn, however fast it is made', async () => {
  const clock = Object.assign(new BusyClock(), { monotonic: () => 0 })
  const rig = new Rig({ clock, apis: 30_000 })
  rig.stream.feed(versions(1), versions(2), versions(3), versions(4))
  await until(() => rig.stream.answered.length === 4)
  assert.deepEqual(rig.stream.answered, [1, 2, 3, 4])
  assert.equal(clock.turns, 4 + 3)
})
