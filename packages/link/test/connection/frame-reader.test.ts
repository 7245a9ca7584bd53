import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '@rivven/fakes'
import { FrameReader } from '../../src/connection/frame-reader.js'

function framed(payload: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(payload.length)
  return Buffer.concat([size, payload])
}

/** Puts the bytes into the reader's targets, `pieceSize()` at a time. */
function feed(reader: FrameReader, bytes: Buffer, pieceSize: () => number): void {
  for (let at = 0; at < bytes.length; ) {
    const target = reader.target()
    assert.ok(target.length > 0)
    const count = Math.min(target.length, bytes.length - at, pieceSize())
    target.set(bytes.subarray(at, at + count))
    at += count
    reader.received(count)
  }
}

function payloads(sizes: readonly number[]): Buffer[] {
  return sizes.map((size, index) => Buffer.alloc(size, index + 1))
}

test('frames come out whole, wherever the bytes are cut', () => {
  const sent = payloads([1, 10, 0, 300, 4])
  for (let piece = 1; piece < 40; piece++) {
    const got: Buffer[] = []
    const reader = new FrameReader(1_000_000, (frame) => got.push(frame))
    feed(reader, Buffer.concat(sent.map(framed)), () => piece)
    assert.deepEqual(got, sent)
  }
})

test('frames of all sizes come out whole, cut at random', () => {
  const seed = 20_240_601
  const random = new SeededRandom(seed)
  const sizes = Array.from({ length: 400 }, () => random.below([20, 5000, 20_000, 200_000][random.below(4)]!))
  const sent = payloads(sizes)
  const got: Buffer[] = []
  const reader = new FrameReader(1_000_000, (frame) => got.push(frame))
  feed(reader, Buffer.concat(sent.map(framed)), () => 1 + random.below(100_000))
  assert.ok(Buffer.concat(got).equals(Buffer.concat(sent)), `seed ${seed}`)
  assert.equal(got.length, sent.length)
})

test('a frame stays as it was when more bytes come', () => {
  const got: Buffer[] = []
  const reader = new FrameReader(1_000_000, (frame) => got.push(frame))
  feed(reader, framed(Buffer.from('first')), () => 100)
  for (let more = 0; more < 5000; more++) feed(reader, framed(Buffer.alloc(50, 0xff)), () => 100)
  assert.equal(got[0]!.toString(), 'first')
})

test('a size that no frame may have is refused', () => {
  for (const size of [-1, 101, 0x7fffffff]) {
    const reader = new FrameReader(100, () => undefined)
    const header = Buffer.alloc(4)
    header.writeInt32BE(size)
    assert.throws(() => feed(reader, header, () => 4), RangeError)
  }
})

test('memory for a large frame grows with what has come of it, and not with what was announced', () => {
  const announced = 200_000_000
  const reader = new FrameReader(announced, () => assert.fail('it is not whole'))
  const header = Buffer.alloc(4)
  header.writeInt32BE(announced)
  feed(reader, header, () => 4)
  for (let come = 0; come < 20_000_000; ) {
    const room = reader.target().length
    assert.ok(come + room <= Math.max(1_048_576, 4 * come), `room for ${come + room} bytes when ${come} have come`)
    reader.received(room)
    come += room
  }
})

test('a frame that outgrows its memory again and again is whole', () => {
  const sent = Buffer.alloc(20_000_001, 'some bytes, eleven')
  const got: Buffer[] = []
  const reader = new FrameReader(sent.length, (frame) => got.push(frame))
  feed(reader, Buffer.concat([framed(sent), framed(Buffer.from('next'))]), () => 700_001)
  assert.equal(got.length, 2)
  assert.ok(got[0]!.equals(sent))
  assert.equal(got[1]!.toString(), 'next')
})
