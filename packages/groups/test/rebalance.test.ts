import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinDynamic, settle, stableGroup, TestHost } from './support/host.js'

test('T1: a JoinGroup without member id makes an empty group and hands out an id', () => {
  const host = new TestHost()
  const { errorCode, memberId, generationId } = host.join().answer
  assert.deepEqual([errorCode, memberId, generationId], [79, 'app-1', -1])
  assert.equal(host.state, 'Empty')
  assert.equal(host.log.length, 0)
})

test('T1: a commit without generation makes a group that only stores offsets', () => {
  const host = new TestHost()
  assert.equal(host.commit({ offset: 5 }), 0)
  const { groupState, protocolType } = host.describe()
  assert.deepEqual([groupState, protocolType, host.committed()], ['Empty', '', 5])
})

test('T2: the first member begins the initial wait, and with its end the first generation', () => {
  const host = new TestHost()
  const { sent, memberId } = joinDynamic(host)
  assert.equal(host.state, 'PreparingRebalance')
  host.advance(0)
  assert.equal(host.state, 'CompletingRebalance')
  const { generationId, leader, protocolName, members } = sent.answer
  assert.deepEqual([generationId, leader, protocolName, members.length], [1, memberId, 'range', 1])
})

test('T3: a new member, a leader that rejoins, a changed subscription and a leave begin a rebalance in Stable', () => {
  const triggers: Record<string, (host: TestHost, leader: string, follower: string) => void> = {
    'new member': (host) => joinDynamic(host),
    'leader rejoins': (host, leader) => host.join({ memberId: leader }),
    'changed subscription': (host, _, follower) => host.join({ memberId: follower, protocols: { range: 'other' } }),
    leave: (host, _, follower) => host.leave([{ memberId: follower }]),
    'session expiry': (host, leader) => {
      host.advance(9_000)
      host.beat(leader, 2)
      host.advance(1_000)
    },
  }
  for (const [name, trigger] of Object.entries(triggers)) {
    const host = new TestHost()
    const { members } = stableGroup(host, {}, {})
    trigger(host, members[0], members[1])
    assert.equal(host.state, 'PreparingRebalance', name)
    assert.equal(host.beat(members[0], 2), 27, name)
  }
})

test('T4: a rebalance in CompletingRebalance answers waiting SyncGroups 27 and forgets who had to sync', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.join({ memberId: members[0] })
  host.join({ memberId: members[1] })
  assert.equal(host.state, 'CompletingRebalance')
  const waiting = host.sync({ memberId: members[1], generationId: 3 })
  assert.ok(waiting.isWaiting)
  joinDynamic(host)
  assert.equal(waiting.answer.errorCode, 27)
  assert.equal(host.state, 'PreparingRebalance')
  assert.equal(host.group.pendingSync.size, 0)
})

test('T5: the phase completes with a generation more, and only the leader learns of all members', () => {
  const host = new TestHost()
  const first = joinDynamic(host, { protocols: { range: 'one' } })
  const second = joinDynamic(host, { protocols: { range: 'two' } })
  host.advance(0)
  assert.deepEqual(
    first.sent.answer.members.map(({ memberId, metadata }) => [memberId, metadata.toString()]),
    [
      [first.memberId, 'one'],
      [second.memberId, 'two'],
    ],
  )
  assert.deepEqual(second.sent.answer.members, [])
  assert.equal(second.sent.answer.leader, first.memberId)
})

test('T6: the last member that leaves makes the group empty, in a generation of its own that is stored', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  host.leave([{ memberId: members[0] }])
  assert.equal(host.state, 'Empty')
  assert.equal(host.group.generation, 2)
  host.restart()
  assert.deepEqual([host.state, host.group.generation, host.group.protocolType], ['Empty', 2, 'consumer'])
})

test('T7: the leader answers all waiting SyncGroups, and members it left out get no bytes', () => {
  const host = new TestHost()
  const first = joinDynamic(host)
  const second = joinDynamic(host)
  host.advance(0)
  const followers = host.sync({ memberId: second.memberId, generationId: 1 })
  const assignments = { [first.memberId]: 'mine', stranger: 'lost' }
  const leader = host.sync({ memberId: first.memberId, generationId: 1, assignments })
  assert.equal(leader.answer.assignment.toString(), 'mine')
  assert.equal(followers.answer.assignment.length, 0)
  assert.equal(host.state, 'Stable')
})

test('T8: an unload answers everybody who waits with 16 and lets the groups go', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  const { sent } = joinDynamic(host)
  host.unload()
  assert.equal(sent.answer.errorCode, 16)
  assert.equal(host.shard.groups.size, 0)

  const other = new TestHost()
  const waiting = joinDynamic(other)
  joinDynamic(other)
  other.advance(0)
  const sync = other.sync({ memberId: 'app-2', generationId: 1 })
  assert.ok(members.length === 2 && !waiting.sent.isWaiting)
  other.unload()
  assert.equal(sync.answer.errorCode, 16)
})

test('T8: DeleteGroups takes an empty group with its offsets, and refuses others', () => {
  const host = new TestHost()
  assert.equal(host.deleteGroup(), 69)
  const { members } = stableGroup(host)
  assert.equal(host.deleteGroup(), 68)
  host.commit({ memberId: members[0], generationId: 1 })
  host.leave([{ memberId: members[0] }])
  assert.equal(host.deleteGroup(), 0)
  assert.equal(host.state, 'Dead')
  host.restart()
  assert.equal(host.shard.groups.size, 0)
  assert.equal(stableGroup(host).generation, 1)
})

test('a member that does not join in time is out, and the others go on', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {}, {})
  const joins = [members[0], members[1]].map((memberId) => host.join({ memberId }))
  for (let elapsed = 0; elapsed < 30_000; elapsed += 5_000) {
    host.advance(5_000)
    for (const memberId of members) if (host.group.members.has(memberId)) host.beat(memberId, 3)
  }
  for (const { answer } of joins) assert.equal(answer.generationId, 4)
  assert.deepEqual([...host.group.members.keys()], [members[0], members[1]])
  assert.equal(host.beat(members[2], 3), 25)
})

test('every heartbeat of the old generation is answered 27 while a rebalance is prepared, and keeps its session', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.join({ memberId: members[0] })
  for (let i = 0; i < 3; i++) {
    host.advance(8_000)
    assert.equal(host.beat(members[1], 2), 27)
  }
  assert.ok(host.group.members.has(members[1]))
})

test('a leader that does not join hands the lead to the first that did', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {}, {})
  const joins = [members[1], members[2]].map((memberId) => host.join({ memberId, protocols: { range: 'new' } }))
  host.leave([{ memberId: members[0] }])
  for (const { answer } of joins) assert.equal(answer.leader, members[1])
})

test('a handed-out id holds a rebalance up until it joins, leaves or expires', () => {
  for (const end of ['joins', 'leaves', 'expires']) {
    const host = new TestHost()
    const { members } = stableGroup(host)
    const { memberId } = host.join().answer
    const rejoined = host.join({ memberId: members[0], protocols: { range: 'x' } })
    assert.ok(rejoined.isWaiting, end)
    if (end === 'joins') host.join({ memberId })
    if (end === 'leaves') assert.equal(host.leave([{ memberId }]).members[0].errorCode, 0)
    if (end === 'expires') host.advance(10_000)
    assert.equal(rejoined.answer.generationId, 2, end)
    assert.equal(host.group.members.size, end === 'joins' ? 2 : 1)
  }
})

test('a handed-out id that leaves a stable group begins no rebalance', () => {
  const host = new TestHost()
  stableGroup(host)
  const { memberId } = host.join().answer
  assert.equal(host.leave([{ memberId }]).members[0].errorCode, 0)
  assert.equal(host.state, 'Stable')
  assert.equal(host.join({ memberId }).answer.errorCode, 25)
})

test('a group whose members all left while an id is out does not wait for the id', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  host.join({ sessionTimeoutMs: 60_000 })
  host.leave([{ memberId: members[0] }])
  host.advance(0)
  assert.equal(host.state, 'Empty')
})

test('a leader keeps the lead over generations, whoever joins first', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {}, {})
  const joins = [...members].reverse().map((memberId) => host.join({ memberId, protocols: { range: 'new' } }))
  for (const { answer } of joins) assert.deepEqual([answer.generationId, answer.leader], [4, members[0]])
  settle(host, members, 4)
})

test('a rebalance tells its cause, its culprit and what the client said', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  host.notes = []
  host.join({ memberId: members[0], reason: 'topics changed', protocols: { range: 'x' } })
  const [started, formed] = host.notes
  assert.deepEqual(
    [started.kind, started.cause, started.memberId, started.reason, started.generation],
    ['started', 'subscription changed', members[0], 'topics changed', 1],
  )
  assert.deepEqual([formed.kind, formed.generation, formed.members], ['formed', 2, 1])
})
