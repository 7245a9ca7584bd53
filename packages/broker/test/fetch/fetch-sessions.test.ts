import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, type FetchRequest, ZERO_UUID } from '@rivven/protocol'
import { FetchSessions } from '../../src/fetch/fetch-sessions.js'
import type { FetchTarget, FetchWish } from '../../src/fetch/fetch-target.js'
import { failed, type PartitionAnswer } from '../../src/fetch/read-partition.js'

class StillClock {
  time = 0
  now = () => this.time
  monotonic = () => this.time
  setTimer = () => ({ cancel: () => undefined })
}

function sessions(slots = 10, partitions = 1_000): { all: FetchSessions; clock: StillClock } {
  const clock = new StillClock()
  let last = 0
  const random = { next: () => (last = (last + 0.1) % 1), uuid: () => '' }
  return { all: new FetchSessions({ slots, partitions }, clock, random), clock }
}

/** A request for partitions of topic t. */
function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: number[] = [],
  forgotten: number[] = [],
): FetchRequest {
  const wishes = partitions.map((partition) => ({
    ...{ partition, currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1 },
    ...{ partitionMaxBytes: 1, replicaDirectoryId: ZERO_UUID, highWatermark: 0 },
  }))
  return {
    ...{ sessionId, sessionEpoch },
    topics: partitions.length > 0 ? [{ topic: 't', topicId: ZERO_UUID, partitions: wishes }] : [],
    forgottenTopicsData: forgotten.length > 0 ? [{ topic: 't', topicId: ZERO_UUID, partitions: forgotten }] : [],
  } as unknown as FetchRequest
}

function begin(all: FetchSessions, partitions: number[]) {
  const plan = all.plan(request(0, 0, partitions), false)
  assert.ok(plan.kind === 'full' && plan.session)
  return plan.session
}

const places = (wishes: readonly FetchWish[]) => wishes.map(({ partition }) => partition)
const targets = (wishes: readonly FetchWish[]): FetchTarget[] =>
  wishes.map((wish) => ({ wish, log: undefined, missing: 0 }))

/** Answers with this high watermark and so many bytes. */
function answers(
  wishes: readonly FetchWish[],
  highWatermark: number,
  sizes: Record<number, number> = {},
): PartitionAnswer[] {
  return wishes.map((wish) => ({
    ...failed(wish, ErrorCode.NONE, 'uncommitted', false),
    ...{ highWatermark, logStartOffset: 0, size: sizes[wish.partition] ?? 0 },
  }))
}

test('a session goes on with epochs 1, 2, 3 and refuses any other', () => {
  const { all } = sessions()
  const { id } = begin(all, [0, 1])
  const refusal = all.plan(request(id, 2), false)
  assert.deepEqual(refusal, { kind: 'refused', errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH })
  assert.equal(all.plan(request(id, 1), false).kind, 'incremental')
  assert.equal(all.plan(request(id, 2), false).kind, 'incremental')
  assert.equal(all.plan(request(id, 2), false).kind, 'refused')
})

test('after epoch 2147483647 comes 1', () => {
  const { all } = sessions()
  const session = begin(all, [0])
  session.epoch = 2_147_483_647
  assert.equal(all.plan(request(session.id, 2_147_483_647), false).kind, 'incremental')
  assert.equal(session.epoch, 1)
})

test('an unknown session and one whose topics were named otherwise are refused', () => {
  const { all } = sessions()
  const { id } = begin(all, [0])
  assert.deepEqual(all.plan(request(id + 1, 1), false), {
    kind: 'refused',
    errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  })
  assert.deepEqual(all.plan(request(id, 1), true), {
    kind: 'refused',
    errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
  })
})

test('partitions are added, changed and forgotten; those that stay keep their place', () => {
  const { all } = sessions()
  const { id } = begin(all, [0, 1, 2])
  const plan = all.plan(request(id, 1, [1, 5], [0]), false)
  assert.ok(plan.kind === 'incremental')
  assert.deepEqual(places(plan.wishes), [1, 2, 5])
})

test('an incremental answer has what changed, and what had records goes last', () => {
  const { all } = sessions()
  const session = begin(all, [0, 1, 2])
  session.remember(targets(session.wishes), answers(session.wishes, 7))
  assert.deepEqual(session.changes(targets(session.wishes), answers(session.wishes, 7)), [])
  assert.deepEqual(session.changes(targets(session.wishes), answers(session.wishes, 7, { 1: 10 })), [1])
  session.moveToEnd(session.wishes.filter(({ partition }) => partition === 0))
  assert.deepEqual(places(session.wishes), [1, 2, 0])
  assert.deepEqual(session.changes(targets(session.wishes), answers(session.wishes, 8)), [0, 1, 2])
})

test('a partition in error is in every answer', () => {
  const { all } = sessions()
  const session = begin(all, [0])
  const broken = session.wishes.map((wish) => failed(wish, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, 'uncommitted', false))
  session.remember(targets(session.wishes), broken)
  assert.deepEqual(session.changes(targets(session.wishes), broken), [0])
  assert.deepEqual(session.changes(targets(session.wishes), broken), [0])
  assert.deepEqual(session.changes(targets(session.wishes), answers(session.wishes, 0)), [0])
})

test('where all slots are taken a session is declined, until one has been idle for two minutes', () => {
  const { all, clock } = sessions(2)
  const first = begin(all, [0])
  const second = begin(all, [0])
  const declined = all.plan(request(0, 0, [0]), false)
  assert.ok(declined.kind === 'full' && declined.session === undefined)
  clock.time = 100_000
  all.plan(request(first.id, 1), false)
  clock.time = 130_000
  begin(all, [1])
  assert.equal(all.plan(request(second.id, 1), false).kind, 'refused')
  assert.equal(all.plan(request(first.id, 2), false).kind, 'incremental')
})

test('a full request with a session ends it', () => {
  const { all } = sessions()
  const { id } = begin(all, [0])
  const plan = all.plan(request(id, -1, [0]), false)
  assert.ok(plan.kind === 'full' && plan.session === undefined)
  assert.equal(all.size, 0)
})

test('a session is declined that would bring all partitions above the limit, until an idle one makes room', () => {
  const { all, clock } = sessions(10, 5)
  const first = begin(all, [0, 1, 2])
  const declined = all.plan(request(0, 0, [0, 1, 2]), false)
  assert.ok(declined.kind === 'full' && declined.session === undefined && declined.wishes.length === 3)
  begin(all, [0, 1])
  clock.time = 130_000
  begin(all, [0, 1, 2])
  assert.equal(all.plan(request(first.id, 1), false).kind, 'refused')
})

test('a session that grows above the limit ends, and leaves its room to others', () => {
  const { all } = sessions(10, 5)
  const { id } = begin(all, [0, 1, 2])
  assert.equal(all.plan(request(id, 1, [3], [0]), false).kind, 'incremental')
  const grown = all.plan(request(id, 2, [4, 5, 6]), false)
  assert.ok(grown.kind === 'refused' && grown.errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  begin(all, [0, 1, 2, 3, 4])
})

test('a session that a client ends leaves its room', () => {
  const { all } = sessions(10, 3)
  const { id } = begin(all, [0, 1, 2])
  all.plan(request(id, -1), false)
  begin(all, [3, 4, 5])
})
