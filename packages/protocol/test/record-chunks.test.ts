import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiVersions, contiguous, decodeResponse, encodeResponse, Fetch } from '@rivven/protocol'

const fetched = (records: Buffer | readonly Buffer[] | null) => ({ responses: [{ partitions: [{ records }] }] })

function recordsIn(frame: Buffer): Buffer | null {
  const { message } = decodeResponse(Fetch, 12, frame.subarray(4))
  const { records } = message.responses[0]!.partitions[0]!
  return records === null ? null : contiguous(records)
}

test('large record bytes go into a frame by reference, small ones are copied', () => {
  const large = Buffer.alloc(5000, 1)
  const chunks = encodeResponse(Fetch, 12, 7, fetched(large))
  assert.ok(chunks.includes(large))
  assert.equal(contiguous(chunks).readInt32BE(0), contiguous(chunks).length - 4)
  assert.equal(encodeResponse(Fetch, 12, 7, fetched(Buffer.alloc(100))).length, 1)
})

test('record bytes in pieces are read as one', () => {
  const pieces = [Buffer.alloc(5000, 1), Buffer.alloc(10, 2), Buffer.alloc(6000, 3), Buffer.alloc(0)]
  const frame = contiguous(encodeResponse(Fetch, 12, 7, fetched(pieces)))
  assert.deepEqual(recordsIn(frame), Buffer.concat(pieces))
  assert.equal(recordsIn(contiguous(encodeResponse(Fetch, 12, 7, fetched(null)))), null)
})

test('memory of an answer is as large as it, once one of its kind was written', () => {
  const answer = (count: number) =>
    encodeResponse(ApiVersions, 0, 1, {
      apiKeys: Array.from({ length: count }, () => ({ apiKey: 1, minVersion: 0, maxVersion: 1 })),
    })[0] as Buffer
  const first = answer(90)
  const { byteOffset } = answer(90)
  // Node cuts small memory from one piece.
  const next = answer(90)
  if (next.byteOffset > byteOffset) assert.ok(next.byteOffset - byteOffset < first.length + 16)
  assert.ok(answer(2_000).equals(answer(2_000)))
  assert.ok(answer(90).equals(first))
})
