import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Snapshot } from '../src/index.js'
import { stableGroup, TestHost } from './support/host.js'

/** A group that has had members, and has none now. */
function emptied(host: TestHost): void {
  const { members, generation } = stableGroup(host)
  host.commit({ offset: 42, memberId: members[0], generationId: generation })
  host.leave([{ memberId: members[0] }])
}

function changesOf({ changes }: Snapshot): (number | null)[][] {
  return changes.map(({ partition, oldOffset, newOffset }) => [partition, oldOffset, newOffset])
}

test('a commit by nobody to a group that members have read for leaves a snapshot, in the same append', () => {
  const host = new TestHost()
  emptied(host)
  host.commit({ offset: 7 })
  assert.deepEqual(host.decisions.at(-1)?.kinds, ['OffsetsReset', 'OffsetCommitted'])
  const [snapshot] = host.snapshots
  assert.deepEqual([snapshot.mode, snapshot.tool, snapshot.from], ['commit', 'app', '/10.0.0.1'])
  assert.deepEqual(changesOf(snapshot), [[0, 42, 7]])
})

test('a group that only stores offsets, and commits of members, leave none', () => {
  const host = new TestHost()
  host.commit({ offset: 7 })
  host.commit({ offset: 8 })
  const { members, generation } = stableGroup(host)
  host.commit({ offset: 9, memberId: members[0], generationId: generation })
  assert.equal(host.snapshots.length, 0)
})

test('what one client changes within five seconds is one snapshot, from before the first to behind the last', () => {
  const host = new TestHost()
  emptied(host)
  host.commit({ offset: 7 })
  host.advance(2_000)
  host.commit({ offset: 9, partition: 1 })
  host.commit({ offset: 8 })
  host.deleteOffset('t', 1)
  assert.deepEqual(host.snapshots.map(changesOf), [
    [
      [0, 42, 8],
      [1, null, null],
    ],
  ])
  host.advance(3_000)
  host.commit({ offset: 1 })
  assert.equal(host.snapshots.length, 2)
})

test('offsets that are deleted, and those of a deleted group, are kept, and a return to them brings the group back', () => {
  const host = new TestHost()
  host.commit({ offset: 42 })
  host.deleteOffset()
  assert.deepEqual(host.snapshots.map(changesOf), [[[0, 42, null]]])
  host.advance(6_000)
  host.commit({ offset: 43 })
  assert.equal(host.deleteGroup(), 0)
  assert.equal(host.state, 'Dead')
  host.restart()
  assert.deepEqual(host.snapshots.map(changesOf), [[[0, 42, null]], [[0, 43, null]]])
  const undo = host.reset({ 0: 43 }, { undoes: 2 })
  assert.equal(undo.answer.kind, 'done')
  assert.equal(host.committed(), 43)
  assert.equal(host.snapshots.at(-1)?.undoes, 2)
  assert.equal(host.snapshots.find(({ id }) => id === 2)?.undoneBy, 3)
})

test('the last ten are kept, for seven days', () => {
  const host = new TestHost()
  host.commit({ offset: 1 })
  for (let offset = 2; offset <= 13; offset++) host.reset({ 0: offset })
  assert.deepEqual(
    host.snapshots.map(({ id }) => id),
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  )
  host.restart()
  assert.equal(host.snapshots.length, 10)
  host.advance(7 * 24 * 3_600_000 - 3_000)
  host.reset({ 0: 1 })
  host.sweep()
  assert.equal(host.snapshots.length, 10)
  host.advance(3_000)
  host.sweep()
  assert.deepEqual(
    host.snapshots.map(({ id }) => id),
    [13],
  )
})

test('a shard keeps no more than it has room for: groups that were changed longest ago lose theirs first', () => {
  const host = new TestHost()
  const many = Object.fromEntries(Array.from({ length: 15_000 }, (_, partition) => [partition, 1]))
  host.reset(many, { groupId: 'old', mayCreate: true })
  host.reset(many, { groupId: 'older', mayCreate: true })
  host.reset({ 0: 1 }, { groupId: 'old' })
  host.reset(many, { groupId: 'new', mayCreate: true })
  host.reset(many, { groupId: 'newest', mayCreate: true })
  const counts = ['older', 'old', 'new', 'newest'].map((name) => host.shard.snapshots.of(name).length)
  assert.deepEqual(counts, [0, 2, 1, 1])
})
