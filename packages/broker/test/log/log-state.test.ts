import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeLogState, encodeLogState } from '../../src/log/state/log-state.js'

const batches = [{ firstSequence: 0, lastSequence: 4, lastOffset: 9, offsetDelta: 4, timestamp: 1_700_000_000_000 }]
const producer = { epoch: 1, coordinatorEpoch: 0, lastTimestamp: 1, transactionFirstOffset: -1, batches }
const state = {
  epochs: [{ epoch: 0, startOffset: 0 }],
  producers: new Map([[1000, producer]]),
  aborted: [{ producerId: 1000, firstOffset: 3, lastOffset: 7, lastStableOffset: 3 }],
  cleanedOffset: 5,
  marks: [{ offset: 0, from: 1_700_000_000_000, to: 1_700_000_001_000 }],
  markers: { from: 7, to: 8 },
}

test('the state of a log is what it was when it is read again', () => {
  assert.deepEqual(decodeLogState(encodeLogState(state)), state)
})

test('a state that is cut short anywhere is none: the log is read instead', () => {
  const bytes = encodeLogState(state)
  for (let end = 0; end < bytes.length; end++) assert.equal(decodeLogState(bytes.subarray(0, end)), undefined, `${end}`)
})

test('a count of more than there is room for makes no items', () => {
  const bytes = encodeLogState(state)
  for (let at = 0; at < bytes.length; at += 8) {
    for (const count of [1e12, Number.POSITIVE_INFINITY]) {
      const lying = Buffer.from(bytes)
      lying.writeDoubleLE(count, at)
      const read = decodeLogState(lying)
      assert.ok(
        read === undefined || read.epochs.length + read.aborted.length + read.producers.size + read.marks.length === 4,
      )
    }
  }
})

test('a state of version 1 says nothing of when batches came, and of markers that it does not know', () => {
  const now = encodeLogState({ ...state, marks: [] })
  const earlier = Buffer.from(now.subarray(0, now.length - 3 * 8))
  earlier.writeDoubleLE(1, 0)
  assert.deepEqual(decodeLogState(earlier), { ...state, marks: [], markers: undefined })
})
