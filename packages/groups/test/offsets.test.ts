import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZERO_UUID } from '@rivven/protocol'
import { encodeSubscription, fetchOffsets, listGroups, topicDeleted } from '../src/index.js'
import { groupId, joinDynamic, settle, stableGroup, TestHost } from './support/host.js'

const day = 24 * 60 * 60 * 1_000
const week = 7 * day
const subscribedTo = (...topics: string[]) => ({
  protocols: { range: encodeSubscription({ topics }).toString('latin1') },
})

test('offsets come back as committed, also after a crash, and a later commit may go back', () => {
  const host = new TestHost()
  host.commit({ offset: 100 })
  host.commit({ offset: 50 })
  host.commit({ offset: -7, partition: 1, metadata: null })
  host.restart()
  assert.deepEqual([host.committed(), host.committed('t', 1), host.committed('t', 2)], [50, -7, -1])
})

test('metadata that is too long is refused for its partition alone, measured in UTF-16 code units', () => {
  const host = new TestHost({ offsetMetadataMaxBytes: 4 })
  assert.equal(host.commit({ metadata: '12345' }), 12)
  assert.equal(host.commit({ metadata: '😀😀' }), 0)
  assert.equal(host.commit({ metadata: '😀😀.' }), 12)
})

test("a member that uses no generation is checked like any: its generation is not the group's", () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  assert.equal(host.commit({ memberId: members[0] }), 22)
  assert.equal(host.commit({ memberId: 'x' }), 25)
})

test('a topic that was made anew has no offsets under its new id', () => {
  const host = new TestHost()
  const [oldId, newId] = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg']
  host.apply({
    replies: [],
    events: [
      {
        kind: 'OffsetCommitted',
        groupId,
        topic: 't',
        partition: 0,
        offset: { offset: 9, leaderEpoch: 2, metadata: 'x', commitTimestamp: 1, expireTimestamp: -1, topicId: oldId },
      },
    ],
  })
  const offsetOf = (topicId: string) => {
    const topics = [{ name: 't', topicId, partitionIndexes: [0] }]
    return fetchOffsets(host.shard, { groupId, topics }, false).topics[0].partitions[0].committedOffset
  }
  assert.deepEqual([offsetOf(oldId), offsetOf(newId), offsetOf(ZERO_UUID)], [9, -1, 9])
})

test('asking for all offsets differs from asking for none, and unknown groups have none', () => {
  const host = new TestHost()
  host.commit({ topic: '__proto__' })
  assert.deepEqual(
    fetchOffsets(host.shard, { groupId, topics: null }, false).topics.map(({ name }) => name),
    ['__proto__'],
  )
  assert.deepEqual(fetchOffsets(host.shard, { groupId, topics: [] }, false).topics, [])
  assert.deepEqual(fetchOffsets(host.shard, { groupId: 'none', topics: null }, false).topics, [])
})

test('an offset of an open transaction makes its partition unstable for those who ask', () => {
  const host = new TestHost()
  host.commit({ offset: 3 })
  const pending = {
    offset: 4,
    leaderEpoch: -1,
    metadata: '',
    commitTimestamp: 1,
    expireTimestamp: -1,
    topicId: ZERO_UUID,
  }
  host.group.offsets.hold(1, { topic: 't', partition: 0, offset: pending })
  const topics = [{ name: 't', topicId: ZERO_UUID, partitionIndexes: [0] }]
  const ask = (stable: boolean) => fetchOffsets(host.shard, { groupId, topics }, stable).topics[0].partitions[0]
  assert.deepEqual([ask(true).errorCode, ask(true).committedOffset], [88, -1])
  assert.deepEqual([ask(false).errorCode, ask(false).committedOffset], [0, 3])
})

test('OffsetDelete spares topics that members subscribe to', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, subscribedTo('t'))
  for (const topic of ['t', 'old']) host.commit({ topic, memberId: members[0], generationId: 1 })
  assert.equal(host.deleteOffset('t').topics[0].partitions[0].errorCode, 86)
  assert.equal(host.deleteOffset('old').topics[0].partitions[0].errorCode, 0)
  assert.deepEqual([host.committed('t'), host.committed('old')], [1, -1])
  host.leave([{ memberId: members[0] }])
  assert.equal(host.deleteOffset('t').topics[0].partitions[0].errorCode, 0)
})

test('as long as subscriptions cannot be read every topic counts as subscribed', () => {
  const host = new TestHost()
  stableGroup(host, { protocols: { range: 'junk' } })
  assert.equal(host.deleteOffset('t').topics[0].partitions[0].errorCode, 86)
})

test('OffsetDelete refuses groups of another protocol type that have members, and no id', () => {
  const host = new TestHost()
  stableGroup(host, { protocolType: 'connect' })
  assert.equal(host.deleteOffset().errorCode, 68)
})

test('the offsets of a deleted topic go in every group', () => {
  const host = new TestHost()
  host.commit({ topic: 't' })
  host.commit({ topic: 'u' })
  host.apply(topicDeleted(host.shard, 't'))
  assert.deepEqual([host.committed('t'), host.committed('u')], [-1, 1])
})

test('offsets of a group without members expire a retention after each commit, and the group with the last', () => {
  const host = new TestHost()
  host.commit({ partition: 0 })
  host.now = { ...host.now, wall: host.now.wall + day }
  host.commit({ partition: 1 })
  host.now = { ...host.now, wall: host.now.wall + week - day - 1 }
  host.sweep()
  assert.deepEqual([host.committed('t', 0), host.committed('t', 1)], [1, 1])
  host.now = { ...host.now, wall: host.now.wall + 1 }
  host.sweep()
  assert.deepEqual([host.committed('t', 0), host.committed('t', 1), host.state], [-1, 1, 'Empty'])
  host.now = { ...host.now, wall: host.now.wall + day }
  host.sweep()
  assert.equal(host.state, 'Dead')
  host.restart()
  assert.equal(host.shard.groups.size, 0)
})

test('offsets of a group that members left expire a retention after it became empty', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  host.commit({ memberId: members[0], generationId: 1 })
  host.now = { ...host.now, wall: host.now.wall + 30 * day }
  host.sweep()
  host.leave([{ memberId: members[0] }])
  host.now = { ...host.now, wall: host.now.wall + week - 1 }
  host.sweep()
  assert.equal(host.committed(), 1)
  host.now = { ...host.now, wall: host.now.wall + 1 }
  host.sweep()
  assert.equal(host.state, 'Dead')
})

test('a stable consumer group keeps offsets of its topics and loses old ones of others', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, subscribedTo('t'))
  for (const topic of ['t', 'old']) host.commit({ topic, memberId: members[0], generationId: 1 })
  host.now = { ...host.now, wall: host.now.wall + week }
  host.sweep()
  assert.deepEqual([host.committed('t'), host.committed('old')], [1, -1])
})

test('during a rebalance, with unreadable subscriptions and in other protocol types nothing expires', () => {
  const setups: ((host: TestHost) => void)[] = [
    (host) =>
      host.join({ memberId: stableGroup(host, subscribedTo('u'), subscribedTo('u')).members[0], ...subscribedTo('u') }),
    (host) => stableGroup(host, { protocols: { range: 'junk' } }),
    (host) => stableGroup(host, { protocolType: 'connect' }),
  ]
  for (const setUp of setups) {
    const host = new TestHost()
    host.commit({})
    setUp(host)
    host.now = { ...host.now, wall: host.now.wall + 10 * week }
    host.sweep()
    assert.equal(host.committed(), 1, host.state)
  }
})

test("a retention time given with the commit takes the place of the broker's, and is lost with the next commit", () => {
  const host = new TestHost()
  host.commit({ retentionTimeMs: 1_000, version: 4 })
  host.commit({ partition: 1, retentionTimeMs: 30 * day, version: 4 })
  host.restart()
  host.now = { ...host.now, wall: host.now.wall + 1_000 }
  host.sweep()
  assert.deepEqual([host.committed('t', 0), host.committed('t', 1)], [-1, 1])
  host.now = { ...host.now, wall: host.now.wall + 2 * week }
  host.sweep()
  assert.equal(host.committed('t', 1), 1)
  host.commit({ partition: 1 })
  host.now = { ...host.now, wall: host.now.wall + week }
  host.sweep()
  assert.equal(host.committed('t', 1), -1)
})

test('an offset with an open transaction does not expire, nor does its group', () => {
  const host = new TestHost()
  host.commit({})
  host.group.offsets.hold(1, { topic: 't', partition: 0, offset: host.group.offsets.get('t', 0)! })
  host.now = { ...host.now, wall: host.now.wall + 2 * week }
  host.sweep()
  assert.equal(host.group.offsets.get('t', 0)?.offset, 1)
})

test('an empty group that never committed goes with the next sweep, and handed-out ids with it', () => {
  const host = new TestHost()
  const { memberId } = host.join().answer
  host.sweep()
  assert.equal(host.state, 'Dead')
  assert.equal(host.join({ memberId }).answer.errorCode, 25)
})

test('a group with members stays without offsets', () => {
  const host = new TestHost()
  stableGroup(host)
  host.sweep()
  assert.equal(host.state, 'Stable')
})

test('ListGroups filters by state and type without regard to case', () => {
  const host = new TestHost()
  const joined = joinDynamic(host)
  host.advance(0)
  settle(host, [joined.memberId], 1)
  const list = (statesFilter: string[], typesFilter: string[]) => listGroups(host.shard, { statesFilter, typesFilter })
  assert.deepEqual(list([], []), [{ groupId, protocolType: 'consumer', groupState: 'Stable', groupType: 'classic' }])
  assert.equal(list(['STABLE', 'none'], ['Classic']).length, 1)
  assert.equal(list(['empty'], []).length, 0)
  assert.equal(list([], ['consumer']).length, 0)
})
