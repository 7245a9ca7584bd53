import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResetOutcome } from '../src/index.js'
import { encodeAssignment, encodeSubscription } from '../src/index.js'
import { joinDynamic, type Sent, settle, stableGroup, TestHost } from './support/host.js'

/** What a consumer sends that owns these partitions of topic `t`. */
function owning(...partitions: number[]): Record<string, Buffer> {
  const ownedPartitions = partitions.length > 0 ? [{ topic: 't', partitions }] : []
  return { 'cooperative-sticky': encodeSubscription({ topics: ['t'], ownedPartitions }) }
}

const eager = { protocols: { range: encodeSubscription({ topics: ['t'] }) } }

function done(sent: Sent<ResetOutcome>) {
  assert.equal(sent.answer.kind, 'done')
  return sent.answer as Exclude<ResetOutcome, { kind: 'refused' | 'failed' }>
}

function why(sent: Sent<ResetOutcome>): string {
  return sent.answer.kind === 'refused' ? sent.answer.why : sent.answer.kind
}

test('a group without members is reset at once, and the answer says what was and what is', () => {
  const host = new TestHost()
  host.commit({ offset: 42, partition: 0 })
  const { changes, mode, snapshot } = done(host.reset({ 0: 7, 1: 5 }))
  assert.deepEqual(changes, [
    { topic: 't', partition: 0, oldOffset: 42, newOffset: 7, note: null },
    { topic: 't', partition: 1, oldOffset: null, newOffset: 5, note: null },
  ])
  assert.deepEqual([mode, snapshot, host.committed('t', 0), host.committed('t', 1)], ['empty', 1, 7, 5])
  host.restart()
  assert.deepEqual([host.committed('t', 0), host.committed('t', 1)], [7, 5])
  assert.equal(host.snapshots[0]?.by, 'User:ann')
})

test('offsets are kept within what partitions hold, and a shift needs something to shift from', () => {
  const host = new TestHost()
  host.commit({ offset: 42 })
  const shift = { topic: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', aim: { kind: 'shift', by: -50 } } as const
  const { changes } = done(
    host.reset(
      {},
      {
        wanted: [
          { ...shift, partition: 0 },
          { ...shift, partition: 1 },
        ],
      },
    ),
  )
  assert.deepEqual(
    changes.map(({ newOffset, note }) => [newOffset, note]),
    [
      [0, '-8 is before the first record'],
      [null, 'nothing is committed there to shift from'],
    ],
  )
})

test('a plan changes nothing, and its fingerprint holds until an offset moves', () => {
  const host = new TestHost()
  host.commit({ offset: 42 })
  const plan = host.reset({ 0: 7 }, { isPlan: true }).answer
  assert.ok(plan.kind === 'planned' && host.committed() === 42)
  host.commit({ offset: 43 })
  assert.equal(why(host.reset({ 0: 7 }, { ifUnchanged: plan.fingerprint })), 'offsets changed')
  host.commit({ offset: 42 })
  assert.equal(why(host.reset({ 0: 7 }, { ifUnchanged: plan.fingerprint })), 'done')
})

test('a reset is refused for what is not there, for members unless it is live, and beside another one', () => {
  const host = new TestHost()
  assert.equal(why(host.reset({ 0: 1 })), 'no such group')
  assert.equal(why(host.reset({ 0: 1 }, { mayCreate: true })), 'done')
  stableGroup(host, eager)
  assert.equal(why(host.reset({ 0: 2 })), 'has members')
  assert.ok(host.reset({ 0: 2 }, { isLive: true }).isWaiting)
  assert.equal(why(host.reset({ 0: 3 }, { isLive: true })), 'reset in progress')
  const other = new TestHost()
  stableGroup(other, { protocolType: 'connect' })
  assert.equal(why(other.reset({ 0: 1 }, { isLive: true })), 'no consumers')
})

test('members of an eager group commit what they did, join, and begin at the new offsets', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, eager, eager)
  const reset = host.reset({ 0: 7 }, { isLive: true })
  assert.equal(host.beat(members[0], generation), 27)
  assert.equal(host.commit({ offset: 50, memberId: members[0], generationId: generation }), 0)
  const first = host.join({ ...eager, memberId: members[0] })
  assert.ok(reset.isWaiting && first.isWaiting)
  assert.equal(host.committed(), 50)
  const second = host.join({ ...eager, memberId: members[1] })
  const { mode, changes, fenced } = done(reset)
  assert.deepEqual([mode, changes[0]?.oldOffset, fenced.length], ['handed over', 50, 0])
  assert.equal(host.committed(), 7)
  assert.equal(first.answer.generationId, second.answer.generationId)
  // A late commit of the generation before, and one between the two.
  assert.equal(host.commit({ offset: 51, memberId: members[0], generationId: generation }), 22)
  assert.equal(host.commit({ offset: 51, memberId: members[0], generationId: generation + 1 }), 27)
  settle(host, members, generation + 1)
  assert.equal(host.committed(), 7)
})

test('cooperative members that keep partitions get a generation with nothing first, and are asked to join again at once', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, { protocols: owning() }, { protocols: owning() })
  const reset = host.reset({ 0: 7 }, { isLive: true })
  const joins = members.map((memberId, at) => host.join({ memberId, protocols: owning(at) }))
  assert.ok(reset.isWaiting, 'they have yet to give up what they keep')
  const drain = generation + 1
  assert.equal(joins[0].answer.generationId, drain)
  const leader = host.group.leaderId ?? ''
  const rest = members.filter((memberId) => memberId !== leader)
  const assignments = Object.fromEntries(members.map((memberId) => [memberId, 'what it had']))
  const syncs = rest.map((memberId) => host.sync({ memberId, generationId: drain }))
  syncs.push(host.sync({ memberId: leader, generationId: drain, assignments }))
  for (const sync of syncs) assert.ok(sync.answer.assignment.equals(encodeAssignment({}, 0)))
  host.advance(0)
  assert.equal(host.state, 'PreparingRebalance')
  assert.equal(host.commit({ offset: 50, memberId: members[0], generationId: drain }), 0)
  const again = members.map((memberId) => host.join({ memberId, protocols: owning() }))
  const { mode, generation: turned } = done(reset)
  assert.deepEqual([mode, turned, again[0].answer.generationId], ['handed over', drain + 1, drain + 1])
  assert.equal(host.committed(), 7)
})

test('who keeps partitions after that generation is out, and so is whoever keeps them under another assignor', () => {
  for (const name of ['cooperative-sticky', 'stream']) {
    const host = new TestHost()
    const keeping = { protocols: { [name]: owning(0)['cooperative-sticky'] } }
    const { members, generation } = stableGroup(host, keeping)
    const reset = host.reset({ 0: 7 }, { isLive: true })
    const join = host.join({ ...keeping, memberId: members[0] })
    if (name === 'cooperative-sticky') {
      host.sync({ memberId: members[0], generationId: generation + 1, assignments: {} })
      host.advance(0)
      assert.equal(host.join({ ...keeping, memberId: members[0] }).answer.errorCode, 25)
    } else assert.equal(join.answer.errorCode, 25)
    const { mode, fenced } = done(reset)
    assert.deepEqual([mode, fenced.map(({ memberId }) => memberId)], ['fenced', members], name)
    assert.equal(host.state, 'Empty')
    assert.equal(host.committed(), 7)
  }
})

test('whoever has not joined when its time is over is out, static members too, and is told why', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, eager, { ...eager, groupInstanceId: 'static' })
  const reset = host.reset({ 0: 7 }, { isLive: true, handoverMs: 5_000 })
  host.join({ ...eager, memberId: members[0] })
  host.advance(4_999)
  assert.ok(reset.isWaiting)
  host.advance(1)
  const { mode, fenced } = done(reset)
  assert.deepEqual([mode, fenced.map(({ memberId }) => memberId)], ['fenced', [members[1]]])
  assert.equal(host.beatAnswer(members[1], generation, 'static').reason, 'offsets reset')
  assert.equal(host.beat(members[1], generation, 'static'), 25)
  assert.equal(host.commit({ offset: 50, memberId: members[1], generationId: generation }), 25)
})

test('whoever dies while the reset waits has handed over nothing', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, eager, { ...eager, sessionTimeoutMs: 6_000 })
  const reset = host.reset({ 0: 7 }, { isLive: true, handoverMs: 60_000 })
  host.join({ ...eager, memberId: members[0] })
  host.advance(6_000)
  const { mode, memberCount, fenced } = done(reset)
  assert.deepEqual([mode, memberCount, fenced.map(({ memberId }) => memberId)], ['fenced', 2, [members[1]]])
})

test('without time to hand over all members are out at once, and the group is empty with the new offsets', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, eager, eager)
  const reset = host.reset({ 0: 7 }, { isLive: true, handoverMs: 0 })
  assert.ok(reset.isWaiting, 'their fetches are woken first')
  host.advance(0)
  assert.equal(done(reset).fenced.length, 2)
  assert.deepEqual([host.state, host.committed()], ['Empty', 7])
  assert.equal(host.commit({ offset: 50, memberId: members[0], generationId: generation }), 25)
})

test('nobody waits longer than a rebalance of the group may take', () => {
  const host = new TestHost()
  stableGroup(host, { ...eager, rebalanceTimeoutMs: 2_000 })
  const reset = host.reset({ 0: 7 }, { isLive: true, handoverMs: 60_000 })
  host.advance(2_000)
  assert.equal(done(reset).mode, 'fenced')
})

test('a group that still gathers its first members is reset with its first generation', () => {
  const host = new TestHost({ initialRebalanceDelayMs: 3_000 })
  const { sent } = joinDynamic(host, eager)
  const reset = host.reset({ 0: 7 }, { isLive: true, handoverMs: 5_000 })
  assert.ok(reset.isWaiting)
  host.advance(3_000)
  assert.equal(done(reset).mode, 'handed over')
  assert.equal(sent.answer.generationId, 1)
})

test('when all members leave in the middle the offsets change with the end of the group’s generation', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, eager)
  const reset = host.reset({ 0: 7 }, { isLive: true })
  host.leave([{ memberId: members[0] }])
  assert.deepEqual([done(reset).mode, host.state, host.committed()], ['handed over', 'Empty', 7])
})

test('the turning point is one decision that is stored together or not at all', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, eager)
  host.reset({ 0: 7, 1: 8 }, { isLive: true })
  host.join({ ...eager, memberId: members[0] })
  const { kinds, isWhole } = host.decisions.at(-1)!
  assert.deepEqual(kinds, ['GenerationReserved', 'OffsetCommitted', 'OffsetCommitted', 'OffsetsReset'])
  assert.equal(isWhole, true)
})

test('after a crash behind the turning point nobody is in the old generation any more, also after another crash', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, eager, { ...eager, groupInstanceId: 'static' })
  host.reset({ 0: 7 }, { isLive: true, handoverMs: 0 })
  host.advance(0)
  // The end of the group was not stored with it where members had joined: as if one had.
  const stored = host.log.findLastIndex(({ key }) => key.readInt16BE(0) === 2)
  host.log.splice(stored, 1)
  for (let crash = 0; crash < 2; crash++) {
    host.restart()
    assert.deepEqual([host.state, host.group.members.size, host.committed()], ['Empty', 0, 7])
    assert.equal(host.beat(members[0], generation), 25)
    assert.equal(host.commit({ offset: 50, memberId: members[0], generationId: generation }), 25)
  }
  host.sweep()
  const empty = host.log.filter(({ key }) => key.readInt16BE(0) === 2).at(-1)
  host.log = host.log.filter(({ key }) => key.readInt16BE(0) !== 20_481)
  assert.ok(empty)
  host.restart()
  assert.equal(host.group.members.size, 0, 'what fenced them may go: the group itself says so by then')
  const { sent } = joinDynamic(host, eager)
  host.advance(0)
  assert.ok(sent.answer.generationId > generation + 1)
})

test('a crash before the turning point changes nothing: members go on where they were', () => {
  const host = new TestHost()
  const { members, generation } = stableGroup(host, eager)
  host.commit({ offset: 50, memberId: members[0], generationId: generation })
  host.reset({ 0: 7 }, { isLive: true })
  host.restart()
  assert.deepEqual([host.beat(members[0], generation), host.committed()], [0, 50])
})

test('commits of open transactions lose, and a group with such that name no member is not reset live unless forced', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, eager)
  host.commitInTransaction({ producerId: 9, offset: 60 })
  assert.equal(why(host.reset({ 0: 7 }, { isLive: true })), 'anonymous commits')
  host.restart()
  assert.equal(why(host.reset({ 0: 7 }, { isLive: true })), 'anonymous commits')
  const reset = host.reset({ 0: 7 }, { isLive: true, isForced: true })
  host.join({ ...eager, memberId: members[0] })
  assert.equal(reset.answer.kind, 'done')
  host.endTransaction(9, true)
  assert.equal(host.committed(), 7)
})

test('an hour after its last anonymous commit a group is reset as any other', () => {
  const host = new TestHost()
  host.commitInTransaction({ producerId: 9, offset: 60 })
  host.endTransaction(9, true)
  host.advance(3_600_000)
  stableGroup(host, eager)
  assert.ok(host.reset({ 0: 7 }, { isLive: true }).isWaiting)
})

test('the story of the rebalance tells who reset offsets, and who did not hand over', () => {
  const host = new TestHost()
  const { members } = stableGroup(host, eager, eager)
  host.reset({ 0: 7 }, { isLive: true, handoverMs: 1_000, reason: 'poison record' })
  host.join({ ...eager, memberId: members[0] })
  host.advance(1_000)
  settle(host, [members[0]], host.group.generation)
  const { cause, culprit, reason, left } = host.stories.at(-1)!
  assert.deepEqual([cause, culprit?.clientId, reason], ['offsets reset', 'User:ann', 'poison record'])
  assert.match(left[0]?.why ?? '', /did not give up its partitions/)
})
