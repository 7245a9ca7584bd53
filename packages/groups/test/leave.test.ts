import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinDynamic, stableGroup, TestHost } from './support/host.js'

test('members of one LeaveGroup are judged each for itself, and one rebalance follows', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, { groupInstanceId: 'i' }, {}, {}, {})
  const pending = host.join().answer.memberId
  host.notes = []
  const { errorCode, members: left } = host.leave([
    { groupInstanceId: 'i' },
    { groupInstanceId: 'j' },
    { memberId: '' },
    { memberId: pending },
    { memberId: members[1] },
    { memberId: members[1] },
    { memberId: 'stranger' },
    { memberId: members[2], groupInstanceId: 'i' },
  ])
  assert.equal(errorCode, 0)
  assert.deepEqual(
    left.map((member) => member.errorCode),
    [0, 25, 25, 0, 0, 25, 25, 25],
  )
  assert.deepEqual([...host.group.members.keys()], [members[2], members[3]])
  assert.deepEqual(
    host.notes.map(({ kind }) => kind),
    ['left', 'left', 'started'],
  )
})

test("up to version 2 the error of the one member is the answer's", () => {
  const host = new TestHost()
  assert.equal(host.leave([{ memberId: 'm' }], 2).errorCode, 25)
  const { members } = stableGroup(host)
  assert.equal(host.leave([{ memberId: members[0] }], 0).errorCode, 0)
  assert.equal(host.state, 'Empty')
})

test('an unknown group is no error of the request but of each member', () => {
  const { errorCode, members } = new TestHost().leave([{ memberId: 'a' }, { memberId: 'b' }])
  assert.equal(errorCode, 0)
  assert.deepEqual(
    members.map((member) => member.errorCode),
    [25, 25],
  )
})

test('a LeaveGroup without members, or of strangers only, changes nothing', () => {
  const host = new TestHost()
  stableGroup(host)
  host.leave([])
  host.leave([{ memberId: 'x' }])
  assert.equal(host.state, 'Stable')
})

test('a member that leaves while it waits to join is answered, and the rebalance goes on without it', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, {}, {})
  const joined = joinDynamic(host)
  const rejoined = host.join({ memberId: members[0] })
  host.leave([{ memberId: joined.memberId }])
  assert.deepEqual([joined.sent.answer.errorCode, joined.sent.answer.memberId], [25, ''])
  host.leave([{ memberId: members[1] }])
  assert.equal(rejoined.answer.generationId, 3)
})

test('a member that leaves during the initial wait does not end it', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const first = joinDynamic(host)
  const second = joinDynamic(host)
  host.leave([{ memberId: second.memberId }])
  assert.ok(first.sent.isWaiting)
  host.leave([{ memberId: first.memberId }])
  assert.equal(host.state, 'PreparingRebalance')
  host.advance(10_000)
  assert.equal(host.state, 'Empty')
})

test('where all members left during the initial wait, whoever comes is the first again, whatever protocols it knows', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const first = joinDynamic(host)
  host.leave([{ memberId: first.memberId }])
  const second = joinDynamic(host, { protocols: { sticky: 'm' } })
  host.advance(10_000)
  assert.deepEqual([second.sent.answer.errorCode, second.sent.answer.protocolName], [0, 'sticky'])
  assert.equal(second.sent.answer.leader, second.memberId)
})
