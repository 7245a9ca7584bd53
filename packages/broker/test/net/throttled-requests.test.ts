import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeResponse, encodeRequest, Produce } from '@rivven/protocol'
import { ClientQuotas, QuotaCounts } from '../../src/security/quotas/client-quotas.js'
import type { ClientQuotaKey } from '../../src/security/quotas/quota.js'
import { QuotaIndex } from '../../src/security/quotas/quota-index.js'
import { TestClock } from '../coordinator/test-clock.js'
import { heartbeat, produce, Rig, versions } from './pipeline-rig.js'

/** A connection whose user has one quota. */
function throttledRig(key: ClientQuotaKey, rate: number) {
  const clock = new TestClock()
  const entity = [{ type: 'user' as const, name: 'ANONYMOUS' }]
  const index = new QuotaIndex(new Map([['anonymous', { entity, values: new Map([[key, rate]]) }]]))
  const counts = new QuotaCounts()
  return { clock, counts, rig: new Rig({ clock, quotas: new ClientQuotas(index, counts) }) }
}

const bytesOf = (frame: Buffer) => frame.length - 4
const size = bytesOf(produce(1))
/** Of a quota above which one request is by a second. */
const rateOfOne = size / 11
const throttleOf = (frame: Buffer) => decodeResponse(Produce, 7, frame.subarray(4)).message.throttleTimeMs

test('what is above a quota is answered at once, says for how long the client has to wait, and nothing begins before', async () => {
  const { clock, counts, rig } = throttledRig('producer_byte_rate', rateOfOne)
  rig.stream.feed(produce(1), produce(2), versions(3))
  assert.deepEqual(rig.begun, ['produce 1'])
  await rig.done('produce 1')
  assert.deepEqual(rig.stream.answered, [1])
  assert.equal(throttleOf(rig.stream.written[0]!), 1000)
  await clock.advance(999)
  assert.deepEqual(rig.begun, ['produce 1'])
  await clock.advance(1)
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2'])
  await rig.done('produce 2')
  assert.equal(throttleOf(rig.stream.written[1]!), 12_000)
  await clock.advance(12_000)
  assert.deepEqual(rig.stream.answered, [1, 2, 3])
  assert.equal(counts.waits.get('producer_byte_rate')?.count, 2)
})

test('within a quota requests overlap, and say nothing of a wait', async () => {
  const { rig } = throttledRig('producer_byte_rate', size)
  rig.stream.feed(produce(1), produce(2))
  assert.deepEqual(rig.begun, ['produce 1', 'produce 2'])
  await rig.done('produce 2', 'produce 1')
  assert.deepEqual(rig.stream.written.map(throttleOf), [0])
})

test('a client that wants no answer has to wait as well', async () => {
  const { clock, rig } = throttledRig('producer_byte_rate', rateOfOne)
  const unanswered = { acks: 0, timeoutMs: 1 }
  rig.stream.feed(
    Buffer.concat(encodeRequest(Produce, 7, { correlationId: 1, clientId: 'c' }, unanswered)),
    versions(2),
  )
  await rig.done('produce 1')
  rig.stream.written.length = 0
  await clock.advance(999)
  assert.deepEqual(rig.stream.answered, [])
  await clock.advance(1)
  assert.deepEqual(rig.stream.answered, [2])
})

test('a client that has to wait is read while there is room, so that its end is noticed; then no timer is left', async () => {
  const { clock, rig } = throttledRig('producer_byte_rate', rateOfOne)
  rig.stream.feed(produce(1))
  await rig.done('produce 1')
  rig.stream.feed(heartbeat(2))
  assert.equal(rig.stream.isPaused, false)
  const many = Array.from({ length: 300 }, (_, at) => versions(3 + at))
  rig.stream.feed(...many)
  assert.equal(rig.stream.isPaused, true)
  rig.stream.lose()
  await clock.advance(10_000)
  assert.deepEqual(rig.begun, ['produce 1'])
  assert.equal(rig.connection?.closed, true)
})

test('other requests do not count as produced bytes, nor those of others', async () => {
  const { rig } = throttledRig('producer_byte_rate', 1e-3)
  rig.stream.feed(versions(1), versions(2))
  assert.deepEqual(rig.stream.answered, [1, 2])
})

test('a client that keeps the event loop busy waits for a second at most', async () => {
  const { clock, rig } = throttledRig('request_percentage', 1e-3)
  const { monotonic } = clock
  // Each look at the clock takes a millisecond.
  clock.monotonic = () => {
    clock.pass(1)
    return monotonic.call(clock)
  }
  rig.stream.feed(heartbeat(1), versions(2))
  clock.monotonic = monotonic
  await rig.done('heartbeat 1')
  await clock.advance(980)
  assert.deepEqual(rig.stream.answered, [1])
  await clock.advance(20)
  assert.deepEqual(rig.stream.answered, [1, 2])
})
