import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecodeError, Reader, Writer } from '../src/index.js'

function readBack(bytes: Buffer): string {
  const writer = new Writer()
  writer.int16(bytes.length)
  writer.raw(bytes)
  return new Reader(writer.whole()).string()
}

test('every string that is read can be written again', () => {
  assert.equal(readBack(Buffer.alloc(32_767, 'a')).length, 32_767)
  // Bytes that are no UTF-8 become three each.
  assert.equal(readBack(Buffer.alloc(10_922, 0xff)), '\ufffd'.repeat(10_922))
  assert.throws(() => readBack(Buffer.alloc(10_923, 0xff)), DecodeError)
  assert.throws(() => readBack(Buffer.alloc(32_767, 0xff)), DecodeError)
})
