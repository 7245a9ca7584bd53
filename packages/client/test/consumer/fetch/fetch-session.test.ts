import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZERO_UUID } from '@rivven/protocol'
import { FetchSession, type FetchTarget } from '../../../src/consumer/fetch/fetch-session.js'
import { stateOf } from './fetched.js'

function target(partition: number, fetchOffset: number, topicId = ZERO_UUID): FetchTarget {
  const state = stateOf(partition)
  return { state, version: 0, topic: 't', topicId, partition, fetchOffset, currentLeaderEpoch: 1, partitionMaxBytes: 9 }
}

const asked = ({ topics }: ReturnType<FetchSession['request']>) =>
  topics.flatMap(({ partitions }) => partitions.map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`))
const forgotten = ({ forgottenTopicsData }: ReturnType<FetchSession['request']>) =>
  forgottenTopicsData.flatMap(({ partitions }) => partitions)

test('after a full request only what changed is named, and what is no longer wanted is forgotten', () => {
  const session = new FetchSession()
  const full = session.request([target(0, 5), target(1, 5)], false)
  assert.deepEqual([full.sessionId, full.sessionEpoch, asked(full)], [0, 0, ['0@5', '1@5']])
  session.accepted(77)
  const next = session.request([target(1, 6), target(2, 0)], false)
  assert.deepEqual([next.sessionId, next.sessionEpoch, asked(next), forgotten(next)], [77, 1, ['1@6', '2@0'], [0]])
  session.accepted(77)
  const idle = session.request([target(1, 6), target(2, 0)], false)
  assert.deepEqual([idle.sessionEpoch, asked(idle), forgotten(idle)], [2, [], []])
})

test('a broker that keeps no sessions gets full requests', () => {
  const session = new FetchSession()
  session.request([target(0, 5)], false)
  session.accepted(0)
  const next = session.request([target(0, 5)], false)
  assert.deepEqual([next.sessionId, next.sessionEpoch, asked(next)], [0, 0, ['0@5']])
})

test('after a failure the session is closed and begun anew with everything', () => {
  const session = new FetchSession()
  session.request([target(0, 5)], false)
  session.accepted(77)
  session.request([target(0, 6)], false)
  session.failed()
  const next = session.request([target(0, 6)], false)
  assert.deepEqual([next.sessionId, next.sessionEpoch, asked(next)], [77, 0, ['0@6']])
  session.forget()
  assert.equal(session.request([target(0, 6)], false).sessionId, 0)
})

test('a session begun with names is not gone on with by ids', () => {
  const session = new FetchSession()
  session.request([target(0, 5)], false)
  session.accepted(77)
  assert.equal(session.request([target(0, 5)], true).sessionEpoch, 0)
})

test('a topic that was made anew is forgotten by its old id and asked for by its new one', () => {
  const session = new FetchSession()
  const [before, after] = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg']
  session.request([target(0, 5, before)], true)
  session.accepted(77)
  const next = session.request([target(0, 5, after)], true)
  assert.deepEqual(next.forgottenTopicsData, [{ topic: 't', topicId: before, partitions: [0] }])
  assert.equal(next.topics[0]!.topicId, after)
})
