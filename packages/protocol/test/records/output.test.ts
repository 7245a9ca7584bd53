import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Output } from '../../src/records/compression/output.js'

const MIB = 1024 * 1024

test('memory for ordinary content is used again for the next', () => {
  const output = new Output()
  output.add(Buffer.alloc(MIB, 1))
  const content = output.finish()
  assert.ok(output.liesIn(content.buffer))
  output.clear()
  output.add(Buffer.of(2))
  assert.equal(content[0], 2)
})

test('memory for content that is unusually large goes with it: the next one may never come', () => {
  const output = new Output()
  for (let part = 0; part < 9; part++) output.add(Buffer.alloc(MIB, 1))
  const content = output.finish()
  assert.equal(content.length, 9 * MIB)
  assert.ok(!output.liesIn(content.buffer))
  output.add(Buffer.of(2))
  assert.equal(content[0], 1)
})

test('what was too large is forgotten with its memory', () => {
  const output = new Output()
  for (let part = 0; part < 9; part++) output.add(Buffer.alloc(MIB, 1))
  output.clear()
  output.add(Buffer.of(2))
  assert.ok(output.finish().buffer.byteLength < MIB)
})
