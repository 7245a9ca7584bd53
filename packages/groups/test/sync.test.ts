import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinDynamic, stableGroup, TestHost } from './support/host.js'

test("from version 5 on SyncGroup names the protocol, and it must be the group's", () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  const ask = (protocolType: string | null, protocolName: string | null, version = 5) =>
    host.sync({ memberId: members[0], generationId: 1, protocolType, protocolName, version }).answer.errorCode
  assert.equal(ask(null, 'range'), 23)
  assert.equal(ask('consumer', null), 23)
  assert.equal(ask('consumer', 'sticky'), 23)
  assert.equal(ask('connect', 'range'), 23)
  assert.equal(ask('consumer', 'range'), 0)
  assert.equal(ask(null, null, 4), 0)
})

test('a group without id is refused, but not before the protocol is named', () => {
  const host = new TestHost()
  assert.equal(host.sync({ groupId: '', version: 4 }).answer.errorCode, 24)
  assert.equal(host.sync({ groupId: '', version: 5 }).answer.errorCode, 23)
})

test('assignments of a follower, and new ones of the leader in Stable, are ignored', () => {
  const host = new TestHost()
  const first = joinDynamic(host)
  const second = joinDynamic(host)
  host.advance(0)
  host.sync({ memberId: second.memberId, generationId: 1, assignments: { [second.memberId]: 'stolen' } })
  host.sync({ memberId: first.memberId, generationId: 1, assignments: { [second.memberId]: 'given' } })
  const again = host.sync({ memberId: first.memberId, generationId: 1, assignments: { [first.memberId]: 'more' } })
  assert.equal(again.answer.assignment.length, 0)
  assert.equal(host.sync({ memberId: second.memberId, generationId: 1 }).answer.assignment.toString(), 'given')
})

test('a SyncGroup that waits is displaced by the next of its member and told to join again', () => {
  const host = new TestHost()
  joinDynamic(host)
  const { memberId } = joinDynamic(host)
  host.advance(0)
  const earlier = host.sync({ memberId, generationId: 1 })
  const later = host.sync({ memberId, generationId: 1 })
  assert.equal(earlier.answer.errorCode, 27)
  assert.ok(later.isWaiting)
})

test('a member that leaves while its SyncGroup waits is answered', () => {
  const host = new TestHost()
  joinDynamic(host)
  const { memberId } = joinDynamic(host)
  host.advance(0)
  const waiting = host.sync({ memberId, generationId: 1 })
  host.leave([{ memberId }])
  assert.equal(waiting.answer.errorCode, 25)
})

test('assignments survive a crash byte for byte, and the generation stays', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  host.restart()
  for (const memberId of members) {
    assert.equal(host.beat(memberId, 2), 0)
    assert.equal(host.sync({ memberId, generationId: 2 }).answer.assignment.toString(), `for ${memberId}`)
  }
})

test('a generation handed out before a crash is never handed out again, though the one before is back', () => {
  const host = new TestHost()
  const { members } = stableGroup(host)
  host.join({ memberId: members[0] })
  assert.equal(host.group.generation, 2)
  host.restart()
  assert.equal(host.beat(members[0], 2), 22)
  assert.equal(host.beat(members[0], 1), 0)
  host.join({ memberId: members[0] })
  host.restart()
  const { generationId } = host.join({ memberId: members[0] }).answer
  assert.equal(generationId, 4)
})

test('a first generation lost in a crash is not handed out again', () => {
  const host = new TestHost()
  const { memberId } = joinDynamic(host)
  host.advance(0)
  host.restart()
  assert.equal(host.beat(memberId, 1), 25)
  const { sent } = joinDynamic(host)
  host.advance(0)
  assert.equal(sent.answer.generationId, 2)
})

test('an assignment that is larger than may be is refused, and the leader may try again', () => {
  const host = new TestHost({ maxMemberBytes: 10 })
  const { memberId } = joinDynamic(host)
  host.advance(0)
  const sync = (assignment: string) =>
    host.sync({ memberId, generationId: 1, assignments: { [memberId]: assignment } }).answer.errorCode
  assert.equal(sync('12345678901'), 42)
  assert.equal(sync('1234567890'), 0)
})
