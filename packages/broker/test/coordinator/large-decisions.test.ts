import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topicDeleted } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import { HeldLog } from './held-log.js'
import { soFar, TestShard } from './shard-fixture.js'
import { settled, TestClock } from './test-clock.js'

/** More than is put into effect in one turn. */
const many = 3_000
const manyOffsets = Object.fromEntries(Array.from({ length: many }, (_, partition) => [partition, 7]))

/** Every look at it takes a millisecond. */
class BusyClock extends TestClock {
  turns = 0

  override monotonic(): number {
    this.pass(1)
    return super.monotonic()
  }

  override setTimer(delayMs: number, callback: () => void): Timer {
    if (delayMs === 0) this.turns += 1
    return super.setTimer(delayMs, callback)
  }
}

async function busyShard() {
  const log = new HeldLog()
  const clock = new BusyClock()
  return { log, clock, shard: await new TestShard(log, clock).load() }
}

test('a commit of thousands of offsets lets others have their turn, again and again', async () => {
  const { clock, shard } = await busyShard()
  const before = clock.turns
  assert.equal(await shard.commit('g', manyOffsets), ErrorCode.NONE)
  assert.ok(clock.turns - before >= many / 10, `${clock.turns - before} turns`)
  assert.deepEqual(await shard.offsets('g'), manyOffsets)
})

test('what comes while thousands of offsets are committed is decided behind them, in order', async () => {
  const { log, shard } = await busyShard()
  const large = shard.commit('g', manyOffsets)
  const later = [shard.commit('g', { 0: 8 }), shard.commit('g', manyOffsets), shard.commit('g', { 1: 9 })]
  const shown = shard.offsets('g')
  assert.deepEqual(await Promise.all([large, ...later]), [0, 0, 0, 0])
  assert.deepEqual(await shown, { ...manyOffsets, 1: 9 })
  const restarted = await new TestShard(log).load()
  assert.deepEqual(await restarted.offsets('g'), { ...manyOffsets, 1: 9 })
})

test('sessions end on time behind thousands of offsets', async () => {
  const { clock, shard } = await busyShard()
  await shard.member('members')
  const large = shard.commit('g', manyOffsets)
  clock.pass(60_000)
  assert.equal(await large, ErrorCode.NONE)
  await clock.advance(1_000)
  assert.equal(shard.describe('members').groupState, 'Empty')
})

test('what must not be missed waits for thousands of offsets, too', async () => {
  const { shard } = await busyShard()
  const large = shard.commit('g', manyOffsets)
  shard.host.actInAnyCase((groups) => topicDeleted(groups, 't'))
  assert.equal(await large, ErrorCode.NONE)
  assert.deepEqual(await shard.offsets('g'), {})
})

test('a partition that goes elsewhere in the middle of a large commit takes it along; what waited looks elsewhere', async () => {
  const { log, shard } = await busyShard()
  const large = shard.commit('g', manyOffsets)
  const later = shard.commit('g', { 0: 8 })
  await settled()
  await shard.host.unload()
  assert.equal(await large, ErrorCode.NONE)
  assert.equal(await later, ErrorCode.NOT_COORDINATOR)
  assert.deepEqual(await (await new TestShard(log).load()).offsets('g'), manyOffsets)
})

test('an append that fails in the middle of a large commit drops that, too', async () => {
  const { log, shard } = await busyShard()
  log.holds = true
  const first = shard.commit('g', { 0: 1 })
  await settled()
  const large = shard.commit('g', manyOffsets)
  assert.equal(await soFar(large), 'waits')
  log.holds = false
  log.fail(ErrorCode.KAFKA_STORAGE_ERROR)
  assert.equal(await first, ErrorCode.NOT_COORDINATOR)
  assert.equal(await large, ErrorCode.NOT_COORDINATOR)
  await settled()
  assert.equal(await shard.commit('g', { 5: 1 }), ErrorCode.NONE)
  assert.deepEqual(await shard.offsets('g'), { 5: 1 })
})
