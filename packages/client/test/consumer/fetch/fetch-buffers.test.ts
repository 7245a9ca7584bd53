import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FetchBuffers } from '../../../src/consumer/fetch/fetch-buffers.js'
import { batch, chunk, stateOf } from './fetched.js'

const counts = (records: readonly { offset: number }[]) => records.length

/** Two partitions with so many records each; both named 0 in their records, told apart by their states. */
function twoPartitions(first: number, second: number) {
  const buffers = new FetchBuffers()
  const states = [stateOf(0), stateOf(1)]
  for (const [at, count] of [first, second].entries()) buffers.add(states[at]!, chunk(batch({ baseOffset: 0, count })))
  const positions = () => states.map((state) => state.position!.offset)
  return { buffers, states, positions }
}

test('partitions share a poll equally, however much one of them has', () => {
  const { buffers, positions } = twoPartitions(1000, 30)
  assert.equal(counts(buffers.take(20)), 20)
  assert.deepEqual(positions(), [10, 10])
  assert.equal(counts(buffers.take(20)), 20)
  assert.deepEqual(positions(), [20, 20])
})

test('what one partition leaves of its share goes to the others', () => {
  const { buffers, positions } = twoPartitions(100, 4)
  assert.equal(counts(buffers.take(50)), 50)
  assert.deepEqual(positions(), [46, 4])
})

test('partitions have their turns even when a poll takes a single record', () => {
  const { buffers, positions } = twoPartitions(10, 10)
  for (let poll = 0; poll < 6; poll++) buffers.take(1)
  assert.deepEqual(positions(), [3, 3])
})

test('a partition whose share is cut short stands first in the next poll: none is left behind', () => {
  const buffers = new FetchBuffers()
  const states = [0, 1, 2, 3].map(stateOf)
  for (const state of states) buffers.add(state, chunk(batch({ baseOffset: 0, count: 100 })))
  for (let polls = 0; polls < 30; polls++) buffers.take(10)
  const taken = states.map(({ position }) => position!.offset)
  assert.ok(Math.max(...taken) - Math.min(...taken) <= 3, taken.join(' '))
})

test('paused partitions keep what is buffered', () => {
  const { buffers, states, positions } = twoPartitions(5, 5)
  states[0]!.isPaused = true
  assert.equal(counts(buffers.take(20)), 5)
  assert.deepEqual(positions(), [0, 5])
  states[0]!.isPaused = false
  assert.equal(counts(buffers.take(20)), 5)
})

test('nothing of a partition that was given up, or that jumped elsewhere, is returned', () => {
  const { buffers, states } = twoPartitions(5, 5)
  states[0]!.isAssigned = false
  states[1]!.jump({ offset: 100, leaderEpoch: -1 })
  assert.deepEqual(buffers.take(20), [])
  assert.equal(buffers.bytes, 0)
  assert.equal(buffers.pendingBytes(states[1]!), 0)
})

test('a partition that cannot be read does not keep others from being read', () => {
  const buffers = new FetchBuffers()
  const broken = batch({ baseOffset: 0 })
  broken[62]! ^= 1
  const states = [stateOf(0), stateOf(1)]
  buffers.add(states[0]!, chunk(broken))
  buffers.add(states[1]!, chunk(batch({ baseOffset: 0, count: 3 })))
  let errors = 0
  let records = 0
  for (let poll = 0; poll < 6; poll++) {
    try {
      records += buffers.take(1).length
    } catch {
      errors++
    }
  }
  assert.equal(records, 3)
  assert.equal(errors, 3)
  assert.throws(() => buffers.take(1), /cannot be read/)
})

test('bytes are counted until the last record of an answer was taken', () => {
  const buffers = new FetchBuffers()
  const state = stateOf(0)
  const records = batch({ baseOffset: 0, count: 4 })
  buffers.add(state, chunk(records))
  buffers.take(3)
  assert.equal(buffers.bytes, records.length)
  buffers.take(3)
  assert.equal(buffers.bytes, 0)
})
