import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createShard, joinGroup } from '../src/index.js'
import { type JoinOptions, joinDynamic, stableGroup, TestHost } from './support/host.js'

const refusals: [string, JoinOptions, number][] = [
  ['an empty group id', { groupId: '' }, 24],
  ['a session timeout below the bounds', { sessionTimeoutMs: 5_999 }, 26],
  ['a session timeout above the bounds', { sessionTimeoutMs: 1_800_001 }, 26],
  ['a member id in a group nobody knows', { memberId: 'made-up' }, 25],
  ['no protocol type', { protocolType: '' }, 23],
  ['no protocol', { protocols: {} }, 23],
]

for (const [name, options, errorCode] of refusals) {
  test(`${name} is refused with ${errorCode} and makes no group`, () => {
    const host = new TestHost()
    const { answer } = host.join(options)
    assert.deepEqual([answer.errorCode, answer.memberId, answer.generationId], [errorCode, options.memberId ?? '', -1])
    assert.equal(host.state, 'Dead')
  })
}

test('before version 4 a member is added at once, and an absent protocol name is an empty text before 7', () => {
  const host = new TestHost()
  const sent = host.join({ version: 3 })
  host.advance(0)
  assert.equal(sent.answer.errorCode, 0)
  assert.equal(host.join({ memberId: 'x', version: 6 }).answer.protocolName, '')
  assert.equal(host.join({ memberId: 'x', version: 7 }).answer.protocolName, null)
})

test('version 0 has the session timeout as rebalance timeout', () => {
  const host = new TestHost()
  host.join({ version: 0, sessionTimeoutMs: 7_000, rebalanceTimeoutMs: -1 })
  assert.equal(host.group.members.get('app-1')?.rebalanceTimeoutMs, 7_000)
})

test('an unchanged follower that joins again in Stable is answered at once, with its timeouts as they were', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  const { answer } = host.join({ memberId: members[1], sessionTimeoutMs: 20_000 })
  assert.deepEqual([answer.generationId, answer.leader, answer.members.length], [2, members[0], 0])
  assert.equal(host.state, 'Stable')
  assert.equal(host.group.members.get(members[1])?.sessionTimeoutMs, 10_000)
})

test('in CompletingRebalance the unchanged are answered at once, the leader with all members, and the changed start over', () => {
  const host = new TestHost()
  const first = joinDynamic(host)
  const second = joinDynamic(host)
  host.advance(0)
  assert.equal(host.join({ memberId: first.memberId }).answer.members.length, 2)
  assert.equal(host.join({ memberId: second.memberId }).answer.members.length, 0)
  assert.equal(host.state, 'CompletingRebalance')
  assert.ok(host.join({ memberId: second.memberId, protocols: { range: 'new' } }).isWaiting)
  assert.equal(host.state, 'PreparingRebalance')
})

test('another order of the same protocols is a change', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { protocols: { a: '1', b: '2' } }, { protocols: { a: '1', b: '2' } })
  assert.ok(host.join({ memberId: members[1], protocols: { b: '2', a: '1' } }).isWaiting)
})

test('a JoinGroup that waits is displaced by the next of its member and told to join again', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  const earlier = host.join({ memberId: members[0] })
  const later = host.join({ memberId: members[0] })
  assert.deepEqual([earlier.answer.errorCode, earlier.answer.memberId], [27, members[0]])
  host.join({ memberId: members[1] })
  assert.equal(later.answer.generationId, 3)
})

test('somebody without a protocol that all members know is refused, also a lone member that changes to others', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { protocols: { range: 'm' } })
  assert.equal(host.join({ protocols: { sticky: 'm' } }).answer.errorCode, 23)
  assert.equal(host.join({ memberId: members[0], protocols: { sticky: 'm' } }).answer.errorCode, 23)
  assert.equal(host.join({ protocolType: 'connect' }).answer.errorCode, 23)
  const both = host.join({ memberId: members[0], protocols: { sticky: 'm', range: 'm' } })
  assert.equal(both.answer.protocolName, 'sticky')
  assert.equal(host.join({ memberId: members[0], protocols: { sticky: 'm' } }).answer.protocolName, 'sticky')
})

const votes: [string, string[][], string][] = [
  ['the only one all know', [['range', 'coop'], ['range', 'coop'], ['coop']], 'coop'],
  [
    'the one most put first',
    [
      ['range', 'coop'],
      ['range', 'coop'],
      ['coop', 'range'],
    ],
    'range',
  ],
  [
    'at a tie the one voted for first',
    [
      ['coop', 'range'],
      ['range', 'coop'],
    ],
    'coop',
  ],
  [
    'by the first of those all know',
    [
      ['x', 'range', 'coop'],
      ['coop', 'range'],
      ['coop', 'range'],
    ],
    'coop',
  ],
]

for (const [name, lists, elected] of votes) {
  test(`the protocol chosen is ${name}`, () => {
    const host = new TestHost()
    const joins = lists.map((names) => joinDynamic(host, { protocols: Object.fromEntries(names.map((n) => [n, 'm'])) }))
    host.advance(0)
    for (const { sent } of joins) assert.equal(sent.answer.protocolName, elected)
  })
}

test('a handed-out id that brings an instance id is a client in error', () => {
  const host = new TestHost()
  const { memberId } = host.join().answer
  const { answer } = host.join({ memberId, groupInstanceId: 'i' })
  assert.deepEqual([answer.errorCode, answer.memberId], [-1, ''])
})

test('a full group takes no more members, but its own may join again', () => {
  const host = new TestHost({ maxSize: 2 })
  const { members } = stableGroup(host, {}, {})
  const { answer } = host.join()
  assert.deepEqual([answer.errorCode, answer.memberId], [81, ''])
  assert.equal(host.join({ memberId: members[1] }).answer.errorCode, 0)
})

test('a static member that returns to a full group replaces itself', () => {
  const host = new TestHost({ maxSize: 1 })
  stableGroup(host, { groupInstanceId: 'i' })
  assert.equal(host.join({ groupInstanceId: 'i' }).answer.errorCode, 0)
})

test('while a full group prepares a rebalance the first to join have the places, and nobody waits for the others', () => {
  const host = new TestHost({ maxSize: 2 })
  const { members } = stableGroup(host, {}, {})
  host.restart({ maxSize: 1 })
  assert.equal(host.state, 'PreparingRebalance')
  const first = host.join({ memberId: members[1] })
  assert.ok(first.isWaiting)
  assert.equal(host.join({ memberId: members[0] }).answer.errorCode, 81)
  assert.equal(first.answer.generationId, 3)
})

test('a handed-out id that finds the group full holds the rebalance up no longer', () => {
  const host = new TestHost({ maxSize: 2 })
  const { members } = stableGroup(host)
  const ids = [host.join().answer.memberId, host.join().answer.memberId]
  const rejoined = host.join({ memberId: members[0], protocols: { range: 'x' } })
  assert.ok(host.join({ memberId: ids[0] }).isWaiting)
  assert.equal(host.join({ memberId: ids[1] }).answer.errorCode, 81)
  assert.equal(rejoined.answer.generationId, 2)
})

test('a member id fits into a string, however long the names are that it is made of', () => {
  const host = new TestHost()
  const sent = host.join({ groupInstanceId: 'i'.repeat(32_767) })
  host.advance(0)
  const { memberId, errorCode } = sent.answer
  assert.equal(errorCode, 0)
  assert.ok(memberId.startsWith('iii') && memberId.length < 2_000)
})

test('after a load members are asked again for what else they offer, so that who shares only that gets in at the next try', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { protocols: { cooperative: 'm', range: 'm' } })
  const [memberId] = members
  host.restart()
  const newcomer = () => host.join({ groupInstanceId: 'other', protocols: { range: 'm' } })
  assert.equal(host.join({ memberId: 'given up', protocols: { range: 'm' } }).answer.errorCode, 25)
  assert.equal(host.beat(memberId, 1), 0)
  assert.equal(newcomer().answer.errorCode, 23)
  assert.equal(host.beat(memberId, 1), 27)
  assert.ok(host.join({ memberId, protocols: { cooperative: 'm', range: 'm' } }).answer.generationId > 1)
  const again = newcomer()
  assert.ok(again.isWaiting)
  host.join({ memberId, protocols: { cooperative: 'm', range: 'm' } })
  assert.deepEqual([again.answer.errorCode, again.answer.protocolName], [0, 'range'])
})

test('who shares no protocol with members that told all of theirs disturbs nobody', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {})
  assert.equal(host.join({ groupInstanceId: 'other', protocols: { other: 'm' } }).answer.errorCode, 23)
  assert.equal(host.beat(members[0], 1), 0)
})

test('a member that tells more of itself than it may is refused, and no group is made for it', () => {
  const host = new TestHost({ maxMemberBytes: 10 })
  assert.equal(host.join({ protocols: { range: '123456' } }).answer.errorCode, 42)
  assert.equal(host.shard.groups.size, 0)
  assert.equal(host.join({ protocols: { range: '12345' } }).answer.errorCode, 79)
})

test('ids are handed out until as many are awaited as may be, and again when they have come', () => {
  const host = new TestHost({ maxHandedOutIds: 2 })
  const { memberId } = host.join().answer
  assert.equal(host.join().answer.errorCode, 79)
  assert.deepEqual([host.join().answer.errorCode, host.join().answer.memberId], [81, ''])
  host.join({ memberId })
  assert.equal(host.join().answer.errorCode, 79)
})

test('what a member tells of itself is kept without the frame that it came in', () => {
  const shard = createShard({ newId: () => 'id' })
  const frame = Buffer.alloc(100_000)
  const request = {
    ...{ groupId: 'g', sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 30_000, memberId: '', groupInstanceId: null },
    ...{ protocolType: 'consumer', reason: null, protocols: [{ name: 'range', metadata: frame.subarray(10, 20) }] },
  }
  const context = { apiVersion: 3, clientId: 'c', clientHost: '/h' }
  joinGroup(shard, { ticket: 1, request, context, now: { wall: 0, monotonic: 0 } })
  const [member] = shard.groups.get('g')?.members.values() ?? []
  assert.notEqual(member?.protocols[0]?.metadata.buffer, frame.buffer)
})
