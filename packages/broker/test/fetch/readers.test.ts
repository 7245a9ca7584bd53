import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FetchSession } from '../../src/fetch/fetch-session.js'
import { Readers, type ReadPlan } from '../../src/fetch/readers.js'
import type { RequestConnection } from '../../src/request-connection.js'
import { TestClock } from '../coordinator/test-clock.js'

const client = { clientId: 'app', clientHost: '/10.0.0.1' }
const place = { topic: 'orders', topicId: 'id', partition: 0 }

function wishOf(names: { topic: string; topicId: string }, partition = 0) {
  return { ...names, partition, currentLeaderEpoch: -1, fetchOffset: 7, lastFetchedEpoch: -1, maxBytes: 1 }
}

function byName(): ReadPlan {
  return { kind: 'full', session: undefined, wishes: [wishOf({ topic: 'orders', topicId: '' })] }
}

function connection() {
  let close: () => void = () => undefined
  const opened: RequestConnection = {
    closed: false,
    onClose(listener) {
      close = listener
      return () => undefined
    },
    close: () => close(),
  }
  return opened
}

test('who reads a partition is known by its last fetch, with a session or without, by name or by id', () => {
  const clock = new TestClock()
  const readers = new Readers(clock)
  readers.note(connection(), { client, isCommitted: true, plan: byName() })
  const session = new FetchSession(1, true)
  session.want([wishOf({ topic: '', topicId: 'id' })])
  readers.note(connection(), { client, isCommitted: false, plan: { kind: 'incremental', session, wishes: [] } })
  assert.deepEqual(
    readers.of(client, place).map(({ isCommitted, fetchOffset }) => [isCommitted, fetchOffset]),
    [
      [true, 7],
      [false, 7],
    ],
  )
  assert.deepEqual(readers.of(client, { ...place, partition: 1 }), [])
  assert.deepEqual(readers.of({ ...client, clientHost: '/10.0.0.2' }, place), [])
})

test('a connection that is closed reads nothing', () => {
  const clock = new TestClock()
  const readers = new Readers(clock)
  const gone = connection()
  readers.note(gone, { client, isCommitted: true, plan: byName() })
  gone.close('over')
  assert.deepEqual(readers.of(client, place), [])
})
