import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemberRoom } from '../src/index.js'
import { joinDynamic, TestHost } from './support/host.js'

/** A member without what it tells of itself: its id and its client id. */
const MEMBER = 'app-1'.length + 'app'.length
const RANGE = 'range'.length

const metadata = (bytes: number) => ({ protocols: { range: 'x'.repeat(bytes) } })

test('what members of all groups tell of themselves is bounded; who tells no more than before goes on', () => {
  const host = new TestHost({}, 2 * (MEMBER + RANGE + 100))
  const first = joinDynamic(host, metadata(100))
  host.advance(0)
  const other = { groupId: 'other', memberId: host.join({ groupId: 'other' }).answer.memberId }
  assert.equal(host.join({ ...other, ...metadata(101) }).answer.errorCode, 44)
  assert.ok(host.join({ ...other, ...metadata(80) }).isWaiting)
  assert.equal(host.join({ groupId: 'third', ...metadata(30) }).answer.errorCode, 44)
  assert.equal(host.join({ memberId: first.memberId, ...metadata(130) }).answer.errorCode, 44)
  assert.equal(host.join({ memberId: first.memberId, ...metadata(100) }).answer.errorCode, 0)
})

test('who leaves makes room for others', () => {
  const host = new TestHost({}, MEMBER + RANGE + 100)
  const { memberId } = joinDynamic(host, metadata(100))
  host.advance(0)
  assert.equal(host.join(metadata(1)).answer.errorCode, 44)
  host.leave([{ memberId }])
  assert.equal(host.join(metadata(1)).answer.errorCode, 79)
})

test('assignments count, and are refused before anything is stored', () => {
  const host = new TestHost({}, MEMBER + RANGE + 100)
  const { memberId } = joinDynamic(host, metadata(50))
  host.advance(0)
  const sync = (bytes: number, generationId = 1) =>
    host.sync({ memberId, generationId, assignments: { [memberId]: 'y'.repeat(bytes) } }).answer.errorCode
  assert.equal(sync(60), 44)
  assert.equal(sync(40), 0)
  host.join({ memberId, ...metadata(40) })
  host.advance(0)
  assert.equal(sync(45, 2), 0)
})

test('members that were loaded count', () => {
  const host = new TestHost({}, MEMBER + RANGE + 100)
  const { memberId } = joinDynamic(host, metadata(60))
  host.advance(0)
  host.sync({ memberId, generationId: 1, assignments: { [memberId]: 'y'.repeat(30) } })
  host.restart()
  assert.equal(host.join({ groupId: 'other', ...metadata(60) }).answer.errorCode, 44)
})

test('members are counted anew only where the room seems to be gone', () => {
  let counted = 0
  const room = new MemberRoom(100, () => {
    counted++
    return 10
  })
  for (let taken = 0; taken < 9; taken++) assert.ok(room.take(10))
  assert.equal(counted, 1)
  assert.ok(room.take(10))
  assert.equal(counted, 2)
  assert.ok(!room.take(91))
  assert.ok(room.take(0))
})
