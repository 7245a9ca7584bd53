import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AssignableMember } from '@rivven/groups'
import { claimsOf, withoutClaimed } from '../../../src/consumer/group/claimed-partitions.js'

function member(memberId: string, owned: readonly number[], generationId = 1): AssignableMember {
  const ownedPartitions = owned.length > 0 ? [{ topic: 'orders', partitions: owned }] : []
  return {
    memberId,
    groupInstanceId: null,
    rackId: null,
    topics: ['orders'],
    ownedPartitions,
    generationId,
    userData: null,
  }
}

const assignment = (entries: Record<string, number[]>) =>
  new Map(Object.entries(entries).map(([memberId, partitions]) => [memberId, new Map([['orders', partitions]])]))

test('partitions that somebody holds are given to nobody else', () => {
  const claims = claimsOf([member('a', [0, 1, 2]), member('b', [])])
  assert.deepEqual(withoutClaimed(assignment({ a: [0, 3], b: [1, 2] }), claims), assignment({ a: [0, 3], b: [] }))
})

test('of two who say that they hold a partition the one of the newer generation does', () => {
  const claims = claimsOf([member('a', [0], 4), member('b', [0], 5)])
  assert.deepEqual(withoutClaimed(assignment({ a: [0], b: [] }), claims), assignment({ a: [], b: [] }))
  assert.deepEqual(withoutClaimed(assignment({ a: [], b: [0] }), claims), assignment({ a: [], b: [0] }))
})

test('members that gave everything up before they joined get what the assignor gave them', () => {
  const given = assignment({ a: [0, 1], b: [2] })
  assert.equal(withoutClaimed(given, claimsOf([member('a', []), member('b', [])])), given)
})

test('a partition that two hold in one generation is given to neither', () => {
  const claims = claimsOf([member('a', [0], 4), member('b', [0], 4), member('c', [0], 3)])
  assert.deepEqual(withoutClaimed(assignment({ a: [0], b: [], c: [] }), claims), assignment({ a: [], b: [], c: [] }))
  assert.deepEqual(withoutClaimed(assignment({ a: [], b: [0], c: [] }), claims), assignment({ a: [], b: [], c: [] }))
})
