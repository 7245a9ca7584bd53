import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type JoinOptions, joinDynamic, settle, stableGroup, TestHost } from './support/host.js'

const instance: JoinOptions = { groupInstanceId: 'i' }

test('a static member is added at once under an id of its instance', () => {
  const host = new TestHost()
  const sent = host.join(instance)
  host.advance(0)
  assert.deepEqual([sent.answer.errorCode, sent.answer.memberId], [0, 'i-1'])
})

test('a static leader that returns to a stable group leads on without a rebalance', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, instance, {})
  const { answer } = host.join({ ...instance, protocols: { range: 'other topics' } })
  assert.deepEqual([answer.generationId, answer.skipAssignment, answer.members.length], [2, true, 2])
  assert.equal(answer.leader, answer.memberId)
  assert.equal(host.state, 'Stable')
  const { assignment } = host.sync({ ...instance, memberId: answer.memberId, generationId: 2 }).answer
  assert.equal(assignment.toString(), `for ${members[0]}`)
  assert.equal(host.beat(members[0], 2, 'i'), 82)
  assert.equal(host.beat(members[0], 2), 25)
  assert.equal(host.beat(members[1], 2), 0)
})

test('before version 9 a static leader that returns is shown its old id as leader', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, instance, {})
  const { answer } = host.join({ ...instance, version: 8 })
  assert.deepEqual([answer.leader, answer.skipAssignment, answer.members.length], [members[0], false, 0])
})

test('a static follower that returns is shown who leads', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, instance)
  const { answer } = host.join(instance)
  assert.deepEqual([answer.leader, answer.skipAssignment, answer.members.length], [members[0], false, 0])
})

test('a static member replaced stays fenced after a crash', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, instance)
  const { memberId } = host.join(instance).answer
  host.restart()
  assert.equal(host.beat(members[0], 1, 'i'), 82)
  assert.equal(host.beat(memberId, 1, 'i'), 0)
  assert.equal(host.group.leaderId, memberId)
})

test('a static member whose return changes the vote begins a rebalance', () => {
  const host = new TestHost()
  stableGroup(host, { ...instance, protocols: { a: '', b: '' } })
  const sent = host.join({ ...instance, protocols: { b: '', a: '' } })
  assert.equal(sent.answer.protocolName, 'b')
  assert.equal(sent.answer.generationId, 2)
})

test('a static member that returns in CompletingRebalance starts it over', () => {
  const host = new TestHost()
  const joined = host.join(instance)
  const other = joinDynamic(host)
  host.advance(0)
  const sync = host.sync({ memberId: other.memberId, generationId: 1 })
  assert.ok(host.join(instance).isWaiting)
  assert.equal(sync.answer.errorCode, 27)
  assert.equal(host.state, 'PreparingRebalance')
  assert.equal(host.sync({ ...instance, memberId: joined.answer.memberId, generationId: 1 }).answer.errorCode, 82)
})

test('requests of the old process that wait are fenced', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, instance, {})
  const join = host.join({ ...instance, memberId: members[0] })
  host.join(instance)
  assert.deepEqual([join.answer.errorCode, join.answer.memberId], [82, members[0]])

  const other = new TestHost()
  joinDynamic(other)
  const follower = other.join(instance)
  other.advance(0)
  const sync = other.sync({ ...instance, memberId: follower.answer.memberId, generationId: 1 })
  other.join(instance)
  assert.equal(sync.answer.errorCode, 82)
})

test('an absent static member stays through a join phase, and is out if it does not sync', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, { ...instance, sessionTimeoutMs: 120_000 })
  const rejoined = host.join({ memberId: members[0] })
  for (let elapsed = 0; elapsed < 30_000; elapsed += 5_000) {
    host.beat(members[0], 2)
    host.advance(5_000)
  }
  assert.equal(rejoined.answer.members.length, 2)
  assert.equal(host.sync({ memberId: members[0], generationId: 3, assignments: {} }).answer.errorCode, 0)
  for (let elapsed = 0; elapsed < 30_000; elapsed += 5_000) {
    assert.equal(host.beat(members[0], 3), 0)
    host.advance(5_000)
  }
  assert.equal(host.group.members.size, 1)
  assert.equal(host.state, 'PreparingRebalance')
})

test('if only static members are left and none joins, the phase is armed anew and the generation stays', () => {
  const host = new TestHost()
  const long = { sessionTimeoutMs: 100_000 }
  const { members } = stableGroup(host, {}, { ...instance, ...long })
  host.leave([{ memberId: members[0] }])
  host.advance(30_000)
  assert.deepEqual([host.state, host.group.generation], ['PreparingRebalance', 2])
  host.advance(70_000)
  assert.deepEqual([host.state, host.group.generation], ['Empty', 3])
})

test('static members that ask for no time to join are looked for once a second, not all the time', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, instance)
  host.join({ ...instance, rebalanceTimeoutMs: 0, sessionTimeoutMs: 30_000 })
  host.leave([{ memberId: members[0] }])
  host.advance(0)
  assert.equal(host.state, 'PreparingRebalance')
  assert.equal(host.group.joinPhase?.deadline, host.now.monotonic + 1_000)
})

test('a static member that returns has the session of the old process until its first heartbeat', () => {
  const host = new TestHost()
  stableGroup(host, { ...instance, sessionTimeoutMs: 10_000 })
  const { memberId } = host.join({ ...instance, sessionTimeoutMs: 60_000 }).answer
  host.advance(9_999)
  assert.equal(host.beat(memberId, 1, 'i'), 0)
  host.advance(59_999)
  assert.equal(host.state, 'Stable')
  host.advance(1)
  assert.equal(host.state, 'Empty')
})

test('a static member that had not synced is awaited under its new id', () => {
  const host = new TestHost()
  const first = joinDynamic(host)
  host.join(instance)
  host.advance(0)
  host.sync({ memberId: first.memberId, generationId: 1, assignments: { 'i-2': 'x' } })
  const { memberId } = host.join(instance).answer
  assert.equal(host.sync({ ...instance, memberId, generationId: 1 }).answer.errorCode, 0)
  assert.equal(host.group.pendingSync.size, 0)
})

const validation: [string, { memberId: string; groupInstanceId: string | null }, number][] = [
  ['an instance nobody has', { memberId: 'i-1', groupInstanceId: 'j' }, 25],
  ['an instance of another member', { memberId: 'x', groupInstanceId: 'i' }, 82],
  ['an unknown member', { memberId: 'x', groupInstanceId: null }, 25],
]

for (const [name, who, errorCode] of validation) {
  test(`${name} is answered ${errorCode} by every request, before its generation is looked at`, () => {
    const host = new TestHost()
    stableGroup(host, instance)
    assert.equal(host.join(who).answer.errorCode, errorCode)
    assert.equal(host.sync({ ...who, generationId: 7 }).answer.errorCode, errorCode)
    assert.equal(host.beat(who.memberId, 7, who.groupInstanceId), errorCode)
    assert.equal(
      host.commit({ memberId: who.memberId, groupInstanceId: who.groupInstanceId ?? undefined, generationId: 7 }),
      errorCode,
    )
    const leaving = { memberId: who.memberId, groupInstanceId: who.groupInstanceId ?? undefined }
    assert.equal(host.leave([leaving]).members[0].errorCode, errorCode)
  })
}

test('a static member that leaves by its instance id is out and may come as new', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, instance)
  const [left] = host.leave([{ groupInstanceId: 'i' }]).members
  assert.deepEqual([left.errorCode, left.memberId, left.groupInstanceId], [0, '', 'i'])
  const sent = host.join(instance)
  host.advance(0)
  assert.notEqual(sent.answer.memberId, members[0])
  settle(host, [sent.answer.memberId], 3)
})

test('a static member of a generation that a crash took is asked to join again, not fenced for good', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { groupInstanceId: 'a' }, {})
  host.join({ memberId: members[1], protocols: { range: 'new' } })
  const back = host.join({ groupInstanceId: 'a' })
  const { memberId, generationId } = back.answer
  assert.ok(generationId > 2)
  host.restart()
  assert.equal(host.beat(memberId, generationId, 'a'), 25)
  assert.equal(host.sync({ memberId, generationId, groupInstanceId: 'a' }).answer.errorCode, 25)
  assert.equal(host.commit({ memberId, generationId, groupInstanceId: 'a' }), 25)
  assert.equal(host.beat('made-up', 2, 'a'), 82)
  assert.equal(host.beat(members[0], 2, 'a'), 0)
})
