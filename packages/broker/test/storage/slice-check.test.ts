import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setBatchBaseOffset, setBatchLeaderEpoch } from '@rivven/protocol'
import fc from 'fast-check'
import { SliceCheck } from '../../src/storage/files/slice-check.js'
import { batchOf } from '../log/log-fixture.js'

/** Batches of these sizes, one record each, from offset 0 on. */
function batchesOf(sizes: readonly number[]): Buffer {
  const batches = sizes.map((size, offset) => {
    const batch = batchOf([`k=${'v'.repeat(size)}`])
    setBatchBaseOffset(batch, offset)
    setBatchLeaderEpoch(batch, 0)
    return batch
  })
  return Buffer.concat(batches)
}

/** Whether bytes pass in pieces of these sizes, again and again, to their end. */
function passes(bytes: Buffer, batchCount: number, pieces: readonly number[]): boolean {
  const check = new SliceCheck({ expected: 0, isExact: false, maxOffset: batchCount, maxEpoch: 0 })
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = bytes.subarray(at, at + pieces[turn % pieces.length]!)
    if (!check.passes(piece)) return false
    at += piece.length
  }
  return check.isBetween
}

const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 })
const pieces = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 })

test('sound batches pass, in whatever pieces they come', () => {
  fc.assert(fc.property(sizes, pieces, (list, parts) => passes(batchesOf(list), list.length, parts)))
})

test('what is cut short, or has an offset, size, magic or epoch that cannot be, does not pass', () => {
  // The first bit of each: what it says becomes very large, or negative.
  const fields = fc.constantFrom(0, 8, 12, 16)
  const property = fc.property(sizes, pieces, fc.nat(), fields, (list, parts, some, field) => {
    const bytes = batchesOf(list)
    assert.ok(!passes(bytes.subarray(0, -1), list.length, parts))
    bytes[batchesOf(list.slice(0, some % list.length)).length + field]! ^= 0x80
    assert.ok(!passes(bytes, list.length, parts))
  })
  fc.assert(property)
})
