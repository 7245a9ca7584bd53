import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  contiguous,
  encodeResponse,
  Fetch,
  type FrameChunk,
  isLater,
  LargeMessage,
  Metadata,
  responseChunks,
  responseInParts,
} from '@rivven/protocol'

const bound = 128 * 1024

/** An answer about one topic of many partitions, whose list will not change. */
function metadataOf(count: number) {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, replicaNodes: [1, 2] }))
  return { topics: [{ name: 'wide', partitions: Object.freeze(partitions) as typeof partitions }] }
}

const inOne = (message: object) => contiguous(encodeResponse(Metadata, 9, 7, message)).subarray(4)
const inParts = (message: object) =>
  Array.from(responseInParts(Metadata, 9, 7, message), (part) => Buffer.from(part)).filter(({ length }) => length > 0)

test('a long list that will not change is encoded in parts, and from then on goes as it is, into answers of any bound', () => {
  const message = metadataOf(10_000)
  assert.throws(() => encodeResponse(Metadata, 9, 7, message, bound), LargeMessage)
  let stops = 0
  for (const _ of responseInParts(Metadata, 9, 7, message)) stops++
  assert.ok(stops >= 20, `${stops} stops`)
  const frame = encodeResponse(Metadata, 9, 7, message, bound)
  const plain = inOne({ topics: message.topics.map((topic) => ({ ...topic, partitions: [...topic.partitions] })) })
  assert.ok(contiguous(frame).subarray(4).equals(plain))
  assert.ok(frame.some((chunk) => chunk.length > bound))
})

test('such a list is the same in parts, whether it was encoded before or not', () => {
  for (const count of [0, 1, 512, 513, 2_000, 10_000]) {
    const [first, second] = [metadataOf(count), metadataOf(count)]
    const whole = inOne(first)
    for (const message of [first, second]) assert.ok(Buffer.concat(inParts(message)).equals(whole), `${count}`)
  }
})

test('what is copied into an answer is counted, and what goes as it is is not, wherever it stands', () => {
  const partitionOf = (bytes: number) => ({ partitionIndex: 0, records: Buffer.alloc(bytes) })
  const answerOf = (count: number, bytes: number) => ({
    responses: [{ topic: 't', partitions: Array.from({ length: count }, () => partitionOf(bytes)) }],
  })
  assert.throws(() => encodeResponse(Fetch, 11, 7, answerOf(4_000, 5_000), bound), LargeMessage)
  assert.ok(encodeResponse(Fetch, 11, 7, answerOf(1_000, 5_000), bound).length > 1_000)
})

test('an answer in chunks is made in parts, and what is to be read later stays so', () => {
  const later = { length: 9, read: async () => undefined, release: () => undefined }
  const partitions = Array.from({ length: 3_000 }, (_, partitionIndex) => ({
    partitionIndex,
    records: partitionIndex % 7 === 0 ? [Buffer.alloc(10_000, partitionIndex)] : Buffer.alloc(70, partitionIndex),
  }))
  const message = { responses: [{ topic: 't', partitions: [...partitions, { partitionIndex: 9, records: [later] }] }] }
  const parts = Array.from(responseChunks(Fetch, 11, 7, message))
  assert.ok(parts.length > 3, `${parts.length} parts`)
  const bytesOf = (chunks: readonly FrameChunk[]) =>
    chunks.map((chunk) => (isLater(chunk) ? Buffer.from('later') : chunk))
  const whole = Buffer.concat(bytesOf(encodeResponse(Fetch, 11, 7, message))).subarray(4)
  assert.ok(Buffer.concat(bytesOf(parts.flat())).equals(whole))
  assert.equal(parts.flat().filter(isLater).length, 1)
})
