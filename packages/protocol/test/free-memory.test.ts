import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freeMemory } from '../src/free-memory.js'

const MIB = 1024 * 1024

test('memory is free at once, without a garbage collection', () => {
  const before = process.memoryUsage().arrayBuffers
  const bytes = Buffer.allocUnsafeSlow(64 * MIB)
  const view = bytes.subarray(100, 200)
  assert.ok(process.memoryUsage().arrayBuffers >= before + 64 * MIB)
  freeMemory(bytes.buffer)
  assert.ok(process.memoryUsage().arrayBuffers < before + MIB)
  assert.deepEqual([bytes.length, view.length], [0, 0])
})

test('memory that is free already, or cannot be freed, is left alone', () => {
  const bytes = Buffer.allocUnsafeSlow(MIB)
  freeMemory(bytes.buffer)
  freeMemory(bytes.buffer)
  const ofThreads = new SharedArrayBuffer(MIB)
  freeMemory(ofThreads)
  assert.equal(ofThreads.byteLength, MIB)
})
