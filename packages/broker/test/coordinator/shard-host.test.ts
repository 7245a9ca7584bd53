import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topicDeleted } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import { HeldLog } from './held-log.js'
import { soFar, TestShard } from './shard-fixture.js'
import { settled } from './test-clock.js'

test('a commit is answered when its record is durable, and not before', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  log.holds = true
  const answer = shard.commit('g', { 0: 42 })
  assert.equal(await soFar(answer), 'waits')
  log.sync()
  assert.equal(await answer, 0)
})

test('commits of one moment share an append, and those that come meanwhile share the next', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  log.holds = true
  const first = Array.from({ length: 5 }, (_, index) => shard.commit(`g${index}`, { 0: index }))
  await settled()
  const later = Array.from({ length: 20 }, (_, index) => shard.commit(`h${index}`, { 0: index, 1: index }))
  await settled()
  assert.deepEqual(log.recordCounts, [5])
  log.sync()
  assert.deepEqual(await Promise.all(first), Array(5).fill(0))
  await settled()
  assert.deepEqual(log.recordCounts, [5, 40])
  log.sync()
  assert.deepEqual(await Promise.all(later), Array(20).fill(0))
})

test('offsets are shown when the commits before are durable; a heartbeat need not wait for these', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  const { memberId, generation } = await shard.member('members')
  log.holds = true
  void shard.commit('g', { 0: 42 })
  const shown = shard.offsets('g')
  assert.equal(await soFar(shown), 'waits')
  assert.equal(shard.heartbeat('members', memberId, generation), 0)
  log.sync()
  assert.deepEqual(await shown, { 0: 42 })
})

test('groups are after a restart what they were before', async () => {
  const log = new HeldLog()
  const before = await new TestShard(log).load()
  const { memberId, generation } = await before.member('members')
  await before.commit('members', { 0: 7, 1: 8 }, { memberId, generation })
  await before.commit('simple', { 0: 1 })
  await before.commit('simple', { 0: 2, 3: 4 })
  await before.commit('gone', { 0: 1 })
  assert.equal(await before.deleteGroup('gone'), 0)

  const after = await new TestShard(log).load()
  for (const groupId of ['members', 'simple', 'gone']) {
    assert.deepEqual(await after.fetch(groupId), await before.fetch(groupId))
    assert.deepEqual(after.describe(groupId), before.describe(groupId))
  }
  assert.equal(after.heartbeat('members', memberId, generation), 0)
  assert.equal(await after.commit('members', { 0: 9 }, { memberId, generation }), 0)
})

test('a failed append takes its changes back, and whoever is parked looks for the coordinator again', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  await shard.commit('g', { 0: 1 })
  const { memberId } = await shard.member('members')
  const parked = shard.join('members', 'two')
  assert.equal(await soFar(parked), 'waits')
  log.holds = true
  const failing = shard.commit('g', { 0: 2 })
  await settled()
  const behind = shard.commit('g', { 0: 3 })
  const shown = shard.fetch('g')
  log.fail(ErrorCode.KAFKA_STORAGE_ERROR)
  assert.deepEqual(await Promise.all([failing, behind]), [16, 16])
  assert.equal((await shown).errorCode, 16)
  assert.equal((await parked).errorCode, 16)
  await settled()
  log.holds = false
  assert.deepEqual(await shard.offsets('g'), { 0: 1 })
  assert.equal(shard.heartbeat('members', memberId, 1), 0)
  assert.equal(await shard.commit('g', { 0: 4 }), 0)
})

test('errors of an append are told in the words of each request', async () => {
  const answersTo = async (errorCode: number) => {
    const log = new HeldLog()
    const shard = await new TestShard(log).load()
    const { memberId, generationId } = await shard.join('members', 'one')
    log.holds = true
    const answers = Promise.all([shard.commit('g', { 0: 2 }), shard.sync('members', memberId, generationId)])
    await settled()
    log.fail(errorCode)
    const [commit, sync] = await answers
    return [commit, sync.errorCode]
  }
  assert.deepEqual(await answersTo(ErrorCode.MESSAGE_TOO_LARGE), [28, -1])
  assert.deepEqual(await answersTo(ErrorCode.REQUEST_TIMED_OUT), [15, 15])
  assert.deepEqual(await answersTo(ErrorCode.KAFKA_STORAGE_ERROR), [16, 16])
})

test('of a disk that stays broken only what was durable counts, and it is asked once a second at most', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  await shard.commit('g', { 0: 1 })
  log.holds = true
  const failing = shard.commit('g', { 0: 2 })
  await settled()
  log.isWritable = false
  log.fail(ErrorCode.KAFKA_STORAGE_ERROR, { remains: true })
  assert.equal(await failing, 16)
  assert.equal((await shard.fetch('g')).errorCode, 14)
  await shard.clock.advance(1_000)
  assert.deepEqual(await shard.offsets('g'), { 0: 1 })
  const again = shard.commit('g', { 0: 3 })
  await settled()
  log.fail(ErrorCode.KAFKA_STORAGE_ERROR, { remains: true })
  assert.equal(await again, 16)
  await shard.clock.advance(1_000)
  assert.deepEqual(await shard.offsets('g'), { 0: 1 })
  // The log was opened again: what it has now, it has durably.
  log.isWritable = true
  log.holds = false
  assert.equal(await shard.commit('h', { 0: 1 }), 0)
})

test('a decision with many records is appended in parts, and answered after the last', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  await shard.commit('g', Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [index, index])))
  const before = log.batches.length
  log.holds = true
  const deleted = shard.deleteGroup('g')
  for (let part = 1; part <= 3; part++) {
    await settled()
    assert.equal(log.batches.length, before + part)
    assert.equal(await soFar(deleted), 'waits')
    log.sync()
  }
  assert.equal(await deleted, 0)
  assert.ok(log.batches.every((batch) => batch.length <= 1_000_100))
})

test('while groups are loaded each request is answered as Kafka does, and SyncGroup so that clients go on', async () => {
  const log = new HeldLog()
  const other = await new TestShard(log).load()
  const { memberId, generation } = await other.member('g')
  await other.commit('g', { 0: 1 }, { memberId, generation })
  const shard = new TestShard(log)
  const loading = shard.load()
  assert.equal(shard.host.isLoaded, false)
  const [join, sync, commit, fetch] = [
    shard.join('g', 'one'),
    shard.sync('g', memberId, generation),
    shard.commit('g', { 0: 2 }),
    shard.fetch('g'),
  ]
  assert.equal(shard.heartbeat('g', memberId, generation), 0)
  assert.equal((await join).errorCode, 14)
  assert.equal((await sync).errorCode, 27)
  assert.equal(await commit, 14)
  assert.equal((await fetch).errorCode, 14)
  await loading
  assert.deepEqual(await shard.offsets('g'), { 0: 1 })
})

test('a shard that waits for its turn to load says so, and does then what must not be missed', async () => {
  const log = new HeldLog()
  const before = await new TestShard(log).load()
  assert.equal(await before.commit('g', { 0: 42 }), 0)
  await before.host.unload()
  const shard = new TestShard(log)
  assert.equal((await shard.fetch('g')).errorCode, 14)
  assert.equal(shard.heartbeat('g', 'm', 1), 0)
  shard.host.actInAnyCase((groups) => topicDeleted(groups, 't'))
  await shard.load()
  assert.deepEqual(await shard.offsets('g'), {})
})

test('what must not be missed while groups are loaded is done then', async () => {
  const log = new HeldLog()
  const other = await new TestShard(log).load()
  await other.commit('g', { 0: 1 })
  const shard = new TestShard(log)
  const loading = shard.load()
  shard.host.actInAnyCase(() => ({
    events: [{ kind: 'OffsetDeleted', groupId: 'g', topic: 't', partition: 0 }],
    replies: [],
  }))
  await loading
  assert.deepEqual(await shard.offsets('g'), {})
})

test('a log that cannot be read is tried again', async () => {
  const log = new HeldLog()
  await (await new TestShard(log).load()).commit('g', { 0: 1 })
  log.readErrors = [ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.KAFKA_STORAGE_ERROR]
  const shard = await new TestShard(log).load()
  assert.equal((await shard.fetch('g')).errorCode, 14)
  await shard.clock.advance(1_000)
  assert.equal((await shard.fetch('g')).errorCode, 14)
  await shard.clock.advance(1_000)
  assert.deepEqual(await shard.offsets('g'), { 0: 1 })
})

test('a partition that is led elsewhere answers what is on its way, then nothing but that', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  await shard.member('members')
  const parked = shard.join('members', 'two')
  log.holds = true
  const onItsWay = shard.commit('g', { 0: 5 })
  await settled()
  const unloading = shard.host.unload()
  assert.equal(await shard.commit('g', { 0: 6 }), 16)
  assert.equal((await shard.fetch('g')).errorCode, 16)
  log.sync()
  await unloading
  assert.equal(await onItsWay, 0)
  assert.equal((await parked).errorCode, 16)
  assert.equal(shard.heartbeat('members', 'one', 1), 16)
  log.holds = false
  await shard.host.load()
  assert.deepEqual(await shard.offsets('g'), { 0: 5 })
})

test('a partition that is lost while it loads is not loaded again', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  assert.equal(await shard.commit('g', { 0: 5 }), 0)
  log.readErrors = [ErrorCode.NOT_LEADER_OR_FOLLOWER]
  await Promise.all([shard.host.load(), shard.host.unload()])
  await shard.clock.advance(10_000)
  assert.equal(await shard.commit('g', { 0: 6 }), 16)
  assert.equal(shard.host.isLoaded, false)
})

test('a silent member is out at the end of its session, whatever others do', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  const { memberId, generation } = await shard.member('silent')
  const other = await shard.member('other', 'two')
  for (let second = 0; second < 10; second++) {
    await shard.clock.advance(999)
    assert.equal(shard.heartbeat('other', other.memberId, other.generation), 0)
    assert.equal(shard.describe('silent').members.length, 1)
  }
  await shard.clock.advance(20)
  assert.equal(shard.heartbeat('silent', memberId, generation), 25)
  assert.equal(shard.describe('silent').groupState, 'Empty')
  assert.equal(shard.describe('other').members.length, 1)
})

test('when the event loop stood still, heartbeats that wait in their sockets are read before sessions end', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  const { memberId, generation } = await shard.member('g')
  await shard.clock.stall(30_000)
  assert.equal(shard.heartbeat('g', memberId, generation), 0)
  await shard.clock.advance(9_000)
  assert.equal(shard.heartbeat('g', memberId, generation), 0)
  await shard.clock.stall(30_000)
  await shard.clock.advance(100)
  assert.equal(shard.heartbeat('g', memberId, generation), 25)
})

test('a bug in what nobody waits for harms nobody', async () => {
  const log = new HeldLog()
  const shard = await new TestShard(log).load()
  shard.host.act(() => {
    throw new Error('a bug')
  })
  shard.host.act(() => ({
    // A group id that no record can hold.
    events: [{ kind: 'OffsetDeleted', groupId: 'x'.repeat(40_000), topic: 't', partition: 0 }],
    replies: [],
  }))
  assert.equal(await shard.commit('g', { 0: 1 }), 0)
})
