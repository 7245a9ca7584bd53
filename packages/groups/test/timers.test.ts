import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExpectedMembers } from '../src/classic/expected-members.js'
import { joinDynamic, settle, stableGroup, TestHost } from './support/host.js'

test('a silent member is out when its session ends, and not before', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.advance(9_999)
  host.beat(members[0], 2)
  assert.equal(host.group.members.size, 2)
  host.advance(1)
  assert.deepEqual([...host.group.members.keys()], [members[0]])
})

test('heartbeats move no timer, and the group looks again only when its old deadline comes', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  const deadline = host.group.nextDeadline
  host.advance(5_000)
  host.beat(members[0], 1)
  assert.equal(host.group.nextDeadline, deadline)
  host.advance(5_000)
  assert.equal(host.state, 'Stable')
  assert.equal(host.group.nextDeadline, deadline + 5_000)
})

test('commits renew a session in Stable and in PreparingRebalance', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.advance(6_000)
  host.commit({ memberId: members[0], generationId: 2 })
  host.advance(6_000)
  assert.equal(host.state, 'PreparingRebalance')
  assert.deepEqual([...host.group.members.keys()], [members[0]])
  host.commit({ memberId: members[0], generationId: 2 })
  host.advance(9_999)
  assert.equal(host.group.members.size, 1)
})

test('a SyncGroup in Stable renews the session, a JoinGroup answered at once does not', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {}, {})
  host.advance(9_000)
  host.sync({ memberId: members[1], generationId: 3 })
  host.join({ memberId: members[2] })
  host.beat(members[0], 3)
  host.advance(1_000)
  assert.deepEqual([...host.group.members.keys()], [members[0], members[1]])
})

test('a member that waits in JoinGroup or SyncGroup does not expire', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  const join = host.join({ memberId: members[0] })
  for (let i = 0; i < 3; i++) {
    host.advance(9_000)
    host.beat(members[1], 2)
  }
  assert.ok(join.isWaiting)
  host.join({ memberId: members[1] })
  const sync = host.sync({ memberId: members[1], generationId: 3 })
  for (let i = 0; i < 3; i++) {
    host.advance(9_000)
    host.beat(members[0], 3)
  }
  assert.ok(sync.isWaiting)
  host.sync({ memberId: members[0], generationId: 3 })
  host.advance(9_999)
  assert.equal(host.group.members.size, 2)
})

test('a static member whose session ended while it waited in SyncGroup expires after it was told to join again', () => {
  const host = new TestHost()
  const leader = joinDynamic(host, { rebalanceTimeoutMs: 60_000 })
  const follower = host.join({ groupInstanceId: 'i', rebalanceTimeoutMs: 60_000 })
  host.advance(0)
  host.sync({ memberId: follower.answer.memberId, generationId: 1 })
  for (let i = 0; i < 3; i++) {
    host.advance(9_000)
    host.beat(leader.memberId, 1)
  }
  host.leave([{ memberId: leader.memberId }])
  host.advance(9_999)
  assert.equal(host.group.members.size, 1)
  host.advance(1)
  assert.equal(host.state, 'Empty')
})

test('a new member whose JoinGroup nobody answers is out after five minutes', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { rebalanceTimeoutMs: 1_000_000 })
  const { sent } = joinDynamic(host, { rebalanceTimeoutMs: 1_000_000 })
  for (let elapsed = 0; elapsed < 300_000; elapsed += 5_000) {
    assert.ok(sent.isWaiting)
    host.beat(members[0], 1)
    host.advance(5_000)
  }
  assert.deepEqual([sent.answer.errorCode, sent.answer.memberId], [25, ''])
})

test('a handed-out id is forgotten after the session timeout it asked for', () => {
  const host = new TestHost()
  const { memberId } = host.join({ sessionTimeoutMs: 7_000 }).answer
  host.advance(6_999)
  assert.equal(host.group.pendingJoin.size, 1)
  host.advance(1)
  assert.equal(host.join({ memberId }).answer.errorCode, 25)
})

test('members that never sync are out after the longest rebalance timeout, a leader too', () => {
  const host = new TestHost()
  const first = joinDynamic(host, { rebalanceTimeoutMs: 12_000 })
  const second = joinDynamic(host, { rebalanceTimeoutMs: 9_000 })
  host.advance(0)
  const sync = host.sync({ memberId: second.memberId, generationId: 1 })
  host.advance(6_000)
  host.beat(first.memberId, 1)
  host.advance(5_999)
  assert.ok(sync.isWaiting)
  host.advance(1)
  assert.equal(sync.answer.errorCode, 27)
  assert.deepEqual([...host.group.members.keys()], [second.memberId])
  assert.equal(host.group.leaderId, second.memberId)
})

test('a follower that never syncs is out in Stable too', () => {
  const host = new TestHost()
  const first = joinDynamic(host)
  const second = joinDynamic(host)
  host.advance(0)
  host.sync({ memberId: first.memberId, generationId: 1 })
  for (let elapsed = 0; elapsed < 30_000; elapsed += 5_000) {
    assert.equal(host.state, 'Stable')
    for (const { memberId } of [first, second]) host.beat(memberId, 1)
    host.advance(5_000)
  }
  assert.equal(host.beat(second.memberId, 1), 25)
  assert.equal(host.state, 'PreparingRebalance')
})

test('a group whose rebalance timeouts are not above zero loses at once who has not synced', () => {
  const host = new TestHost()
  joinDynamic(host, { rebalanceTimeoutMs: -1 })
  host.advance(1)
  assert.equal(host.state, 'Empty')
})

test('a late tick does not take a member that renewed its session meanwhile', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  host.now = { wall: host.now.wall + 9_000, monotonic: host.now.monotonic + 9_000 }
  host.beat(members[0], 1)
  host.now = { wall: host.now.wall + 5_000, monotonic: host.now.monotonic + 5_000 }
  host.advance(0)
  assert.equal(host.state, 'Stable')
})

test('a wall clock that jumps moves no deadline', () => {
  const host = new TestHost()
  stableGroup(host)
  host.now = { ...host.now, wall: host.now.wall + 86_400_000 }
  host.advance(9_999)
  assert.equal(host.state, 'Stable')
})

test('the initial wait is extended by members that come, up to the rebalance timeout', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const options = { rebalanceTimeoutMs: 10_000 }
  const first = joinDynamic(host, options)
  const joinAt = [1_000, 4_000, 7_000, 9_500]
  let at = 0
  for (const time of joinAt) {
    host.advance(time - at)
    at = time
    assert.ok(first.sent.isWaiting, `${time}`)
    joinDynamic(host, options)
  }
  host.advance(499)
  assert.ok(first.sent.isWaiting)
  host.advance(1)
  assert.equal(first.sent.answer.members.length, 5)
})

test('with one member the initial wait is the delay, even if the rebalance timeout is shorter', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const { sent } = joinDynamic(host, { rebalanceTimeoutMs: 1_000 })
  host.advance(2_999)
  assert.ok(sent.isWaiting)
  host.advance(1)
  assert.equal(sent.answer.generationId, 1)
})

test('a handed-out id neither lengthens the initial wait nor is waited for', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const { sent } = joinDynamic(host)
  host.advance(1_000)
  host.join()
  host.advance(2_000)
  assert.equal(sent.answer.generationId, 1)
})

test('members that start together begin in one generation, even where no initial wait is set', () => {
  const host = new TestHost({ gatherMs: 500 })
  const ids = [host.join(), host.join(), host.join()].map(({ answer }) => answer.memberId)
  const joins = [joinDynamic(host).sent]
  host.advance(0)
  for (const memberId of ids) {
    host.advance(45)
    joins.push(host.join({ memberId }))
  }
  joins.push(joinDynamic(host).sent)
  host.advance(100)
  assert.deepEqual(
    joins.map(({ answer }) => answer.generationId),
    [1, 1, 1, 1, 1],
  )
})

test('where no initial wait is set, one alone waits for nobody, and nobody for one who does not come with its id', () => {
  const lone = new TestHost({ gatherMs: 500 })
  const alone = joinDynamic(lone).sent
  lone.advance(0)
  assert.equal(alone.answer.generationId, 1)
  const host = new TestHost({ gatherMs: 500 })
  host.join()
  const { sent } = joinDynamic(host)
  host.advance(499)
  assert.ok(sent.isWaiting)
  host.advance(1)
  assert.equal(sent.answer.generationId, 1)
})

test('who asked for the coordinator and has not joined is waited for, for a moment; one alone whom nobody follows is not', () => {
  const host = new TestHost({ gatherMs: 500 })
  host.askForCoordinator(3)
  const first = joinDynamic(host).sent
  host.advance(40)
  const second = joinDynamic(host).sent
  host.advance(49)
  assert.ok(first.isWaiting)
  host.advance(1)
  assert.deepEqual([first.answer.generationId, second.answer.generationId], [1, 1])
  const late = new TestHost({ gatherMs: 500 })
  late.askForCoordinator()
  late.advance(500)
  const alone = joinDynamic(late).sent
  late.advance(0)
  assert.equal(alone.answer.generationId, 1)
})

test('when all who asked for the coordinator have come close together, the group waits for 15 ms only', () => {
  const host = new TestHost({ gatherMs: 500 })
  host.askForCoordinator(100)
  const joins = Array.from({ length: 100 }, () => {
    host.advance(3)
    return joinDynamic(host).sent
  })
  host.advance(14)
  assert.ok(joins.every(({ isWaiting }) => isWaiting))
  host.advance(1)
  assert.deepEqual(new Set(joins.map(({ answer }) => answer.generationId)), new Set([1]))
})

test('of the groups whose coordinator strangers ask for, only so many are remembered', () => {
  const expected = new ExpectedMembers()
  for (let at = 0; at < 2_000; at++) expected.expect(`stranger-${at}`, 0)
  expected.expect('late', 499)
  assert.equal(expected.lastAsked('late', 499), undefined)
  expected.expect('later', 500)
  assert.equal(expected.lastAsked('later', 500), 500)
  expected.came('later')
  assert.equal(expected.lastAsked('later', 500), undefined)
})

test('the initial wait begins again in a group that became empty, and later rebalances do not wait', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const { sent, memberId } = joinDynamic(host)
  host.advance(3_000)
  settle(host, [memberId], 1)
  assert.equal(host.join({ memberId }).answer.generationId, 2)
  host.leave([{ memberId }])
  assert.equal(sent.answer.generationId, 1)
  const again = joinDynamic(host)
  host.advance(2_999)
  assert.ok(again.sent.isWaiting)
  host.advance(1)
  assert.equal(again.sent.answer.generationId, 4)
})

test('after a load every member has a full session', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.restart()
  host.advance(9_999)
  assert.equal(host.beat(members[0], 2), 0)
  host.advance(1)
  assert.deepEqual([...host.group.members.keys()], [members[0]])
})

test('an id handed out over a connection that has closed holds nobody up for longer than a moment', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  const handedOut = host.join({}).answer.memberId
  const joining = joinDynamic(host)
  const leader = host.join({ memberId: members[0] })
  host.advance(0)
  assert.ok(joining.sent.isWaiting, 'the others wait for the id')
  host.hangUp([handedOut])
  host.beat(members[0], 1)
  host.advance(3_000)
  assert.equal(joining.sent.answer.errorCode, 0)
  assert.equal(leader.answer.generationId, 2)
})

test('an id whose owner is back on another connection in time is good', () => {
  const host = new TestHost()
  const { memberId } = host.join({}).answer
  host.hangUp([memberId])
  host.advance(2_999)
  const sent = host.join({ memberId })
  host.hangUp([memberId, 'nobody'])
  host.advance(3_001)
  assert.equal(sent.answer.errorCode, 0)
  assert.deepEqual([...host.group.members.keys()], [memberId])
})
