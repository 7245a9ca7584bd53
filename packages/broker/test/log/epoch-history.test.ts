import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EpochHistory } from '../../src/log/state/epoch-history.js'

function history(...entries: [number, number][]): EpochHistory {
  const epochs = new EpochHistory()
  for (const [epoch, startOffset] of entries) epochs.begin(epoch, startOffset)
  return epochs
}

test('an epoch ends where the next one that wrote something begins', () => {
  const epochs = history([2, 10], [4, 20], [7, 30])
  const cases: [number, number, number][] = [
    [7, 7, 45],
    [8, -1, -1],
    [-1, -1, -1],
    [0, 0, 10],
    [2, 2, 20],
    [3, 2, 20],
    [4, 4, 30],
    [6, 4, 30],
  ]
  for (const [asked, leaderEpoch, endOffset] of cases) {
    assert.deepEqual(epochs.endOffsetOf(asked, 45), { leaderEpoch, endOffset })
  }
  assert.deepEqual(new EpochHistory().endOffsetOf(0, 45), { leaderEpoch: -1, endOffset: -1 })
})

test('an epoch that wrote nothing is forgotten when the next begins', () => {
  const epochs = history([0, 0], [1, 5], [2, 5], [3, 5])
  assert.deepEqual(epochs.all, [
    { epoch: 0, startOffset: 0 },
    { epoch: 3, startOffset: 5 },
  ])
})

test('offsets have the epoch that wrote them, and the first one kept begins with the log', () => {
  const epochs = history([1, 0], [2, 10], [3, 20])
  assert.deepEqual(
    [0, 9, 10, 25].map((offset) => epochs.epochAt(offset)),
    [1, 1, 2, 3],
  )
  epochs.dropBefore(15)
  assert.deepEqual(epochs.all, [
    { epoch: 2, startOffset: 15 },
    { epoch: 3, startOffset: 20 },
  ])
  assert.equal(epochs.epochAt(14), -1)
})
