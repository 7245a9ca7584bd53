import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameError, FrameReader } from '../../src/net/frame-reader.js'

const LIMIT = 104_857_600

/** Frames that a reader cuts from a stream that comes in pieces of the given sizes, again and again. */
function cut(stream: Buffer, pieces: readonly number[], limit = LIMIT): Buffer[] {
  const frames: Buffer[] = []
  const reader = new FrameReader(limit, (frame) => frames.push(frame))
  let at = 0
  for (let turn = 0; at < stream.length; turn++) {
    const target = reader.target()
    const count = Math.min(target.length, pieces[turn % pieces.length] as number, stream.length - at)
    stream.copy(target, 0, at, at + count)
    at += count
    reader.received(count)
  }
  return frames
}

function framed(bodies: readonly Buffer[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const size = Buffer.alloc(4)
      size.writeInt32BE(body.length)
      return [size, body]
    }),
  )
}

function body(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + seed * 17) & 0xff
  return bytes
}

function size(bytes: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(bytes)
  return buffer
}

test('frames come out whole when they come in one byte at a time', () => {
  const bodies = [1, 2, 10, 100, 600, 5_000].map(body)
  assert.deepEqual(cut(framed(bodies), [1]), bodies)
})

test('frames of all sizes come out whole, however the stream is cut', () => {
  const sizes = [1, 30, 511, 512, 4_092, 4_096, 4_100, 32_767, 32_768, 65_536, 300, 1_310_720, 1_310_721, 3_000_000, 7]
  sizes.push(...[60_000, 60_000, 66_000, 9_000_001])
  const bodies = sizes.map(body)
  for (const pieces of [[1_448], [65_536], [7, 4_096, 1], [1 << 20], [3, 100_000]]) {
    const frames = cut(framed(bodies), pieces)
    assert.deepEqual(
      frames.map(({ length }) => length),
      sizes,
    )
    for (const [at, frame] of frames.entries())
      assert.ok(frame.equals(bodies[at] as Buffer), `frame ${at} with ${pieces}`)
  }
})

test('a frame keeps its bytes while later ones are read', () => {
  const bodies = Array.from({ length: 2_000 }, (_, at) => body(90, at))
  const frames = cut(framed(bodies), [10_000])
  for (const [at, frame] of frames.entries()) assert.ok(frame.equals(bodies[at] as Buffer), `frame ${at}`)
})

test('a size that is negative, 0 or beyond the limit is refused before anything is allocated for it', () => {
  for (const bytes of [-1, 0, -2_147_483_648, 1_001, 2_147_483_647]) {
    assert.throws(() => cut(size(bytes), [4], 1_000), FrameError)
  }
  assert.deepEqual(cut(framed([body(1_000, 1)]), [50], 1_000), [body(1_000, 1)])
})

test('a frame that claims 100 MB takes memory as its bytes come', () => {
  const reader = new FrameReader(LIMIT, () => undefined)
  reader.target().set(size(100_000_000))
  reader.received(4)
  assert.ok(reader.target().length <= 256 * 1024)
  let received = 0
  let largest = 0
  while (received < 10_000_000) {
    const { length } = reader.target()
    largest = Math.max(largest, length)
    reader.received(length)
    received += length
  }
  assert.ok(largest <= received, `${largest} bytes of room after ${received}`)
})

test('no read copies much more than it brought, however large the frame has grown', () => {
  const reader = new FrameReader(LIMIT, () => undefined)
  const { copy } = Buffer.prototype
  let copied = 0
  Buffer.prototype.copy = function (...words: Parameters<Buffer['copy']>) {
    const count = copy.apply(this, words)
    copied += count
    return count
  }
  try {
    reader.target().set(size(100_000_000))
    reader.received(4)
    for (let left = 100_000_000; left > 0; ) {
      copied = 0
      const count = Math.min(left, reader.target().length, 65_536)
      reader.received(count)
      left -= count
      assert.ok(copied <= 2 * 256 * 1024, `${copied} bytes copied with ${left} left`)
    }
    assert.equal(reader.unfinishedBytes, 0)
  } finally {
    Buffer.prototype.copy = copy
  }
})

/** A reader to which a frame of a size was announced, and which has read some of it. */
function reading(bytes: number, received: number): FrameReader {
  const reader = new FrameReader(LIMIT, () => undefined)
  reader.target().set(size(bytes))
  reader.received(4)
  for (let left = received; left > 0; ) {
    const count = Math.min(left, reader.target().length)
    reader.received(count)
    left -= count
  }
  return reader
}

test('memory of a frame that is cut short is for the next one', () => {
  for (const bytes of [500_000, 30_000_000]) {
    const first = reading(bytes, 100)
    const memory = first.target().buffer
    first.close()
    assert.equal(reading(bytes, 0).target().buffer, memory)
    assert.equal(first.unfinishedBytes, 0)
  }
})

test('memory that a growing frame has left is for the next one', () => {
  const first = reading(30_000_000, 100)
  const memory = first.target().buffer
  const left = first.target().length
  first.received(left)
  assert.notEqual(first.target().buffer, memory)
  assert.equal(reading(30_000_000, 0).target().buffer, memory)
})

test('a frame as large as one that came whole before gets its memory at once', () => {
  const reader = new FrameReader(LIMIT, () => undefined)
  const roomOf = (bytes: number) => {
    reader.target().set(size(bytes))
    reader.received(4)
    const room = reader.target().length
    for (let left = bytes; left > 0; ) {
      const count = Math.min(left, reader.target().length)
      reader.received(count)
      left -= count
    }
    return room
  }
  assert.ok(roomOf(1_000_000) <= 64 * 1024)
  assert.equal(roomOf(900_000), 900_000)
  assert.ok(roomOf(5_000_000) <= 1_000_000)
  assert.equal(roomOf(1_300_000), 1_300_000)
  assert.ok(roomOf(50_000_000) <= 1280 * 1024)
})

test('what looks like another protocol is named', () => {
  assert.throws(() => cut(Buffer.from('GET / HTTP/1.1\r\n'), [100]), /HTTP/)
  assert.throws(() => cut(Buffer.from('1603010200010001fc0303', 'hex'), [100]), /TLS/)
})
