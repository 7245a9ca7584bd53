import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameBuffers } from '../src/frame-buffers.js'
import { ReadBuffers } from '../src/read-buffers.js'
import { FreshBatches } from '../src/storage/files/segments/fresh-batches.js'
import { MemorySegment } from '../src/storage/memory/memory-segment.js'
import { Tail, TailCache } from '../src/storage/tail-cache.js'

test('memory that was given back is used again, once', () => {
  const buffers = new ReadBuffers()
  const first = buffers.take(70_000)
  buffers.giveBack(first)
  buffers.giveBack(first)
  const second = buffers.take(100_000)
  assert.equal(second.buffer, first.buffer)
  assert.notEqual(buffers.take(100_000).buffer, first.buffer)
})

test('memory that somebody keeps, or that was never lent, is not used again', () => {
  const buffers = new ReadBuffers()
  const kept = buffers.take(70_000)
  buffers.keep(kept.subarray(10, 20))
  buffers.giveBack(kept)
  const foreign = Buffer.allocUnsafeSlow(131_072)
  buffers.giveBack(foreign)
  const next = buffers.take(70_000).buffer
  assert.ok(next !== kept.buffer && next !== foreign.buffer)
})

test('with more sizes little memory lies behind what is used', () => {
  const buffers = new ReadBuffers(8)
  for (let size = 32_768; size < 1_300_000; size += 9_973) {
    const capacity = buffers.take(size).buffer.byteLength
    assert.ok(capacity >= size && capacity < size * 1.25, `${capacity} for ${size}`)
  }
})

test('sizes that nobody asks for any more make room for others', () => {
  const buffers = new ReadBuffers()
  const old = Array.from({ length: 9 }, () => buffers.take(4_000_000))
  for (const each of old) buffers.giveBack(each)
  const lent = Array.from({ length: 9 }, () => buffers.take(2_000_000))
  for (const each of lent) buffers.giveBack(each)
  const memory = new Set(lent.map(({ buffer }) => buffer))
  assert.ok(memory.has(buffers.take(2_000_000).buffer))
})

test('what is too large to be kept is freed when it is given back', () => {
  const buffers = new ReadBuffers()
  const [large, kept] = [buffers.take(5_000_000), buffers.take(5_000_000)]
  buffers.keep(kept)
  for (const each of [large, kept]) buffers.giveBack(each)
  assert.deepEqual([large.length, kept.length], [0, 5_000_000])
})

test('what nobody has needed for a while is freed, and no more', () => {
  const buffers = new ReadBuffers()
  const all = [1, 2, 3].map(() => buffers.take(70_000))
  const memories = all.map(({ buffer }) => buffer)
  const idle = () => memories.filter(({ byteLength }) => byteLength > 0)
  for (const each of all) buffers.giveBack(each)
  buffers.freeUnused()
  assert.equal(idle().length, 3)
  buffers.giveBack(buffers.take(70_000))
  buffers.freeUnused()
  assert.deepEqual(idle(), [memories[2]])
  assert.equal(buffers.take(70_000).buffer, memories[2])
  buffers.freeUnused()
  assert.deepEqual(idle(), [memories[2]])
})

/** A batch of zeros: offset, timestamps and all. */
function lentBatch(): Buffer {
  return frameBuffers.take(40_000).subarray(100, 30_100).fill(0)
}

const keepers: Record<string, (batch: Buffer) => void> = {
  'batches that wait for the journal': (batch) => new FreshBatches(0).add(batch, 1),
  'batches of a partition that is read': (batch) => {
    const tail = new Tail()
    tail.follow(0)
    new TailCache(1_000_000).add(tail, batch, 1)
  },
  'batches stored in memory': (batch) => new MemorySegment(0, 0).append(batch, 0),
}

for (const [what, keep] of Object.entries(keepers)) {
  test(`memory of frames is kept: ${what}`, () => {
    const batch = lentBatch()
    keep(batch)
    assert.equal(frameBuffers.isLent(batch), false)
  })
}

test('a partition that nobody reads is not cached, and one that is not read any more is forgotten', () => {
  const tail = new Tail()
  const cache = new TailCache(1_000_000)
  cache.add(tail, lentBatch(), 0)
  assert.equal(cache.bytes, 0)
  tail.follow(0)
  cache.add(tail, lentBatch(), 9_999)
  assert.ok(cache.bytes > 30_000)
  const unread = lentBatch()
  cache.add(tail, unread, 10_000)
  assert.equal(cache.bytes, 0)
  assert.ok(frameBuffers.isLent(unread))
})

/** Batches of 100 zeros, cut from one chunk. */
function smallBatches(count: number): Buffer[] {
  const chunk = Buffer.alloc(65_536)
  return Array.from({ length: count }, (_, at) => chunk.subarray(at * 100, at * 100 + 100))
}

test('the cache counts the memory that its batches keep: one piece for several, as long as one of them is there', () => {
  const tail = new Tail()
  tail.follow(0)
  const cache = new TailCache(10_000_000)
  const chunk = Buffer.alloc(65_536)
  cache.add(tail, chunk.subarray(0, 40_000), 1)
  cache.add(tail, chunk.subarray(0, 40_000), 1)
  assert.ok(cache.bytes > 65_536 && cache.bytes < 2 * 65_536)
  cache.add(tail, Buffer.alloc(65_536), 1)
  assert.ok(cache.bytes > 2 * 65_536)
  cache.clear(tail)
  assert.equal(cache.bytes, 0)
})

test('small batches are cached for what they are, not for the chunks that they came in', () => {
  const tail = new Tail()
  tail.follow(0)
  const cache = new TailCache(1_000_000)
  for (let at = 0; at < 1_000; at++) cache.add(tail, smallBatches(1)[0] as Buffer, 1)
  assert.ok(cache.bytes < 500_000, `${cache.bytes} bytes`)
  cache.clear(tail)
  assert.equal(cache.bytes, 0)
})

test('small batches, too, go when the budget is used up', () => {
  const tail = new Tail()
  tail.follow(0)
  const cache = new TailCache(1_000_000)
  for (let at = 0; at < 10_000; at++) cache.add(tail, smallBatches(1)[0] as Buffer, 1)
  assert.ok(cache.bytes <= 1_000_000 && cache.bytes > 800_000, `${cache.bytes} bytes`)
})

test('a batch is cached for a minute', () => {
  const tail = new Tail()
  const cache = new TailCache(1_000_000)
  const addAt = (now: number) => {
    tail.follow(now)
    cache.add(tail, Buffer.alloc(30_000), now)
  }
  for (const now of [0, 20_000, 40_000, 60_000]) addAt(now)
  assert.ok(cache.bytes > 4 * 30_000)
  for (const now of [60_001, 80_001]) addAt(now)
  assert.ok(cache.bytes > 4 * 30_000 && cache.bytes < 5 * 30_000, `${cache.bytes} bytes`)
})

test('a small batch that waits for the journal, or is stored in memory, does not keep its chunk', () => {
  const [batch] = smallBatches(1) as [Buffer]
  const fresh = new FreshBatches(0)
  fresh.add(batch, 1)
  assert.notEqual(fresh.take(0, 1)?.[0]?.buffer, batch.buffer)
  const segment = new MemorySegment(0, 0)
  segment.append(batch, 0)
  assert.notEqual(segment.batches[0]?.buffer, batch.buffer)
})
