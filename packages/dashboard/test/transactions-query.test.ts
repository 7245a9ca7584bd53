import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageOf, askedOf, isOverdue, partitionsText } from '../src/pages/transactions/transactions-query.js'

test('whoever comes without a wish sees transactions that are open', () => {
  assert.equal(askedOf({}).state, 'Ongoing')
  assert.equal(askedOf({ state: 'all' }).state, undefined)
  assert.equal(askedOf({ state: 'PrepareAbort' }).state, 'PrepareAbort')
})

test('a transaction is told by its age, and whether it should be over', () => {
  assert.equal(ageOf({ startedAt: null }, 5000), null)
  assert.equal(ageOf({ startedAt: 1000 }, 5000), 4)
  assert.equal(ageOf({ startedAt: 9000 }, 5000), 0)
  assert.equal(isOverdue({ startedAt: 1000, timeoutMs: 4000 }, 5000), false)
  assert.equal(isOverdue({ startedAt: 1000, timeoutMs: 3999 }, 5000), true)
  assert.equal(isOverdue({ startedAt: null, timeoutMs: 0 }, 5000), false)
  assert.equal(partitionsText({ topic: 'orders', partitions: [0, 3] }), 'orders: 0, 3')
})
