import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  contiguous,
  DescribeGroups,
  decodeResponse,
  encodeResponse,
  type FrameChunk,
  Heartbeat,
  isLater,
  LargeMessage,
  OffsetFetch,
} from '@rivven/protocol'
import { nodeClock } from '@rivven/runtime'
import { answerFrame } from '../../src/net/answer-frame.js'
import { readBuffers } from '../../src/read-buffers.js'

const always = () => true

/** An answer about one group of 1,000 offsets, `times` times. */
function offsetsOf(times: number) {
  const partitions = Array.from({ length: 1_000 }, (_, partitionIndex) => ({ partitionIndex, committedOffset: 7 }))
  const group = { groupId: 'g', topics: [{ name: 'orders', partitions }] }
  const message = { groups: Array.from({ length: times }, () => group) }
  return { api: OffsetFetch, apiVersion: 8, correlationId: 5, message }
}

/** A group with one member of a mebibyte, `times` times. */
function membersOf(times: number) {
  const group = { groupId: 'g', members: [{ memberMetadata: Buffer.alloc(1024 * 1024, 1) }] }
  const message = { groups: Array.from({ length: times }, () => group) }
  return { api: DescribeGroups, apiVersion: 5, correlationId: 5, message }
}

/** Reads a frame as a connection sends it, in pieces of odd sizes. */
async function sent(chunks: readonly FrameChunk[]): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (const chunk of chunks) {
    if (!isLater(chunk)) {
      pieces.push(chunk)
      continue
    }
    for (let at = 0; at < chunk.length; at += 99_999) {
      const piece = Buffer.alloc(Math.min(99_999, chunk.length - at))
      await chunk.read(at, piece)
      pieces.push(piece)
    }
    chunk.release()
  }
  return Buffer.concat(pieces)
}

test('a small answer is there at once, as a whole', () => {
  const answer = { api: Heartbeat, apiVersion: 4, correlationId: 5, message: { errorCode: 27 } }
  const chunks = answerFrame(answer, nodeClock, always) as FrameChunk[]
  assert.deepEqual(contiguous(chunks), contiguous(encodeResponse(Heartbeat, 4, 5, { errorCode: 27 })))
})

test('of a large answer only the size is there; its bytes are made when they are sent', async () => {
  const answer = offsetsOf(250)
  const [head, later] = await answerFrame(answer, nodeClock, always)
  assert.ok(head && !isLater(head) && head.length === 4)
  assert.ok(later && isLater(later) && later.length > 4_000_000)
})

test('it is the same frame, byte by byte', async () => {
  for (const answer of [offsetsOf(10), offsetsOf(100), offsetsOf(250), membersOf(6)]) {
    const frame = await sent(await answerFrame(answer, nodeClock, always))
    const { api, apiVersion, correlationId, message } = answer
    assert.ok(frame.equals(contiguous(encodeResponse(api, apiVersion, correlationId, message))))
    assert.equal(decodeResponse(api, apiVersion, frame.subarray(4)).correlationId, 5)
  }
})

/** Memory that is lent from now on, but for what is already. */
async function lentBy(work: () => Promise<void>): Promise<Buffer[]> {
  const lent: Buffer[] = []
  const { take } = readBuffers
  readBuffers.take = (size) => {
    const bytes = take.call(readBuffers, size)
    lent.push(bytes)
    return bytes
  }
  try {
    await work()
  } finally {
    readBuffers.take = take
  }
  return lent.filter((bytes) => readBuffers.isLent(bytes))
}

test('an answer of some size lies in memory that is used again when it has been sent', async () => {
  const lent = await lentBy(async () => {
    const [head, ...parts] = await answerFrame(offsetsOf(100), nodeClock, always)
    assert.ok(head && !readBuffers.isLent(head as Buffer))
    assert.ok(parts.length > 10 && parts.every((part) => readBuffers.isLent(part as Buffer)))
    for (const part of parts) readBuffers.giveBack(part as Buffer)
  })
  assert.deepEqual(lent, [])
})

test('what was made of an answer that is too large, or not wanted any more, is given back', async () => {
  const lent = await lentBy(async () => {
    await answerFrame(offsetsOf(250), nodeClock, always)
    let looks = 0
    await answerFrame(offsetsOf(100), nodeClock, () => ++looks < 3)
  })
  assert.deepEqual(lent, [])
})

test('no answer is larger than anybody would read', async () => {
  await assert.rejects(async () => answerFrame(membersOf(300), nodeClock, always), LargeMessage)
})

test('nothing is made for a client that has gone', async () => {
  let looks = 0
  const chunks = await answerFrame(offsetsOf(2_000), nodeClock, () => ++looks < 3)
  assert.deepEqual(chunks, [])
  assert.equal(looks, 3)
})
