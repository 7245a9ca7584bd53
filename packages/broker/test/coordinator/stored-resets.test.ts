import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ResetOutcome, type ResetRequest, resetOffsets } from '@rivven/groups'
import { ErrorCode, ZERO_UUID } from '@rivven/protocol'
import { asker } from './group-requests.js'
import { HeldLog } from './held-log.js'
import { soFar, TestShard } from './shard-fixture.js'
import { settled } from './test-clock.js'

const command = { run: resetOffsets, refuse: (errorCode: number): ResetOutcome => ({ kind: 'failed', errorCode }) }

/** So many partitions of a group to offset 1. */
function resetOf(groupId: string, count: number): ResetRequest {
  const aim = { kind: 'offset', offset: 1 } as const
  const wanted = Array.from({ length: count }, (_, partition) => ({ topic: 't', partition, topicId: ZERO_UUID, aim }))
  const ways = { isLive: false, isPlan: false, isForced: false, mayCreate: true, ifUnchanged: null, undoes: null }
  return { groupId, wanted, limitsOf: () => ({ start: 0, end: 9 }), handoverMs: 0, reason: '', ...ways }
}

function offsetsOf(count: number, offset: number): Record<number, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, partition) => [partition, offset]))
}

test('a reset is stored as one batch, however many offsets it has and whatever is stored before and behind it', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  log.holds = true
  const first = shard.commit('g', { 0: 5 })
  await settled()
  const around = [shard.commit('g', offsetsOf(900, 5)), shard.host.run(command, resetOf('g', 20_000), asker)]
  around.push(shard.commit('h', { 0: 5 }))
  const all = Promise.all([first, ...around])
  while ((await soFar(all)) === 'waits') {
    log.sync()
    await settled()
  }
  assert.ok(log.recordCounts.includes(20_001), `${log.recordCounts}`)
  const restarted = await new TestShard(log).load()
  assert.deepEqual(await restarted.offsets('g'), offsetsOf(20_000, 1))
})

test('when a reset cannot be stored nothing is changed, and whoever asked is told', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  await shard.commit('g', offsetsOf(3, 5))
  log.holds = true
  const reset = Promise.resolve(shard.host.run(command, resetOf('g', 3), asker))
  await settled()
  log.fail(ErrorCode.KAFKA_STORAGE_ERROR)
  assert.deepEqual(await reset, { kind: 'failed', errorCode: ErrorCode.KAFKA_STORAGE_ERROR })
  log.holds = false
  await settled()
  assert.deepEqual(await shard.offsets('g'), offsetsOf(3, 5))
})

test('more than one batch should hold is refused', async () => {
  const shard = await new TestShard(new HeldLog()).load()
  const outcome = await shard.host.run(command, resetOf('g', 20_001), asker)
  assert.equal(outcome.kind === 'refused' && outcome.why, 'too many')
})
