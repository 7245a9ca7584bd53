import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offsetsToCommit } from '../../../src/consumer/offsets/auto-commit.js'
import { stateOf } from '../fetch/fetched.js'

const offsets = (...args: Parameters<typeof offsetsToCommit>) => offsetsToCommit(...args).map(({ offset }) => offset)

test('auto-commit knows what was handled only when the application comes back', () => {
  const state = stateOf(0, 10)
  state.committedOffset = 10
  state.position = { offset: 15, leaderEpoch: 2 }
  state.deliver()
  assert.deepEqual(offsets([state], 'handled'), [])
  assert.deepEqual(offsetsToCommit([state], 'delivered'), [{ topic: 't', partition: 0, offset: 15, leaderEpoch: 2 }])
  state.handle()
  assert.deepEqual(offsets([state], 'handled'), [15])
})

test('what is committed already is not committed again', () => {
  const state = stateOf(0, 5)
  assert.deepEqual(offsets([state], 'handled'), [5])
  state.committedOffset = 5
  assert.deepEqual(offsets([state], 'handled'), [])
})

test('a seek is a position of its own: it is committed, also backwards', () => {
  const state = stateOf(0, 50)
  state.committedOffset = 50
  state.jump({ offset: 7, leaderEpoch: -1 })
  assert.deepEqual(offsets([state], 'handled'), [7])
})

test('a partition whose position is looked up anew still commits what was handled', () => {
  const state = stateOf(0, 9)
  state.lookUp({ kind: 'reset', to: 'latest' })
  assert.deepEqual(offsets([state], 'handled'), [9])
  assert.equal(state.position, null)
})

test('what was taken and not delivered is given back', () => {
  const state = stateOf(0)
  state.position = { offset: 8, leaderEpoch: 0 }
  state.took(6)
  assert.ok(state.deliverOne(2, 0))
  const { version } = state
  state.settle()
  assert.deepEqual(state.fetchPosition, { offset: 3, leaderEpoch: 0 })
  assert.notEqual(state.version, version)
})
