import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { compressFrameSync } from 'lz4-napi'
import { compressSync as compressSnappyBlock } from 'snappy'
import {
  borrowedSection,
  buildBatch,
  type Codec,
  compress,
  decompress,
  RecordsError,
  recordSection,
  returnSection,
} from '../../src/index.js'
import { decodeLz4Block, decodeSnappyBlock } from '../../src/records/compression/block-decoders.js'
import { WASM_SOURCE_SHA256 } from '../../src/records/compression/wasm-code.js'

test('the compiled code was made from the source as it is (else: npm run wasm)', () => {
  const source = join(import.meta.dirname, '../../../wasm/block-decoders.ts')
  assert.equal(createHash('sha256').update(readFileSync(source)).digest('hex'), WASM_SOURCE_SHA256)
})

/** Bytes that repeat themselves at all distances, near and far. */
const repetitive = fc
  .array(fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.integer({ min: 1, max: 60 }) }), {
    maxLength: 40,
  })
  .map((parts) => Buffer.concat(parts.flatMap(({ bytes, times }) => Array(times).fill(bytes))))

for (const codec of ['lz4', 'snappy'] as const) {
  test(`${codec}: whatever repeats, at whatever distance, comes back`, () => {
    fc.assert(fc.property(repetitive, (data) => assert.deepEqual(decompress(codec, compress(codec, data)), data)))
  })

  test(`${codec}: bytes that were changed give bytes or a RecordsError, never more than allowed`, () => {
    const property = fc.property(repetitive, fc.nat(), fc.nat({ max: 255 }), (data, place, value) => {
      const bytes = compress(codec, data)
      bytes[place % bytes.length] = value
      try {
        assert.ok(decompress(codec, bytes, data.length).length <= data.length)
      } catch (error) {
        assert.ok(error instanceof RecordsError && !(error.cause instanceof Error), String(error))
      }
    })
    fc.assert(property, { numRuns: 500 })
  })

  test(`${codec}: what is borrowed is written over by the next, what is owned is not`, () => {
    const [first, second] = ['first', 'other'].map((text) => batchOf(codec, Buffer.alloc(5000, text)))
    const owned = recordSection(first!)
    const borrowed = borrowedSection(first!)
    assert.deepEqual(borrowed, owned)
    borrowedSection(second!)
    assert.deepEqual(borrowed, recordSection(second!))
    assert.ok(owned.includes('firstfirst'))
  })
}

for (const codec of ['gzip', 'snappy', 'lz4'] as const) {
  test(`${codec}: memory of large content is free as soon as it is returned, or refused`, () => {
    const batch = batchOf(codec, Buffer.alloc(20_000_000, 'content '))
    recordSection(batchOf(codec, Buffer.alloc(10)))
    const before = process.memoryUsage().arrayBuffers
    const borrowed = borrowedSection(batch)
    returnSection(batch, borrowed)
    assert.equal(borrowed.length, 0)
    assert.ok(process.memoryUsage().arrayBuffers < before + 10_000_000)
  })
}

test('lz4: memory of content that is too large is free at once', () => {
  const batch = batchOf('lz4', Buffer.alloc(20_000_000, 'content '))
  const before = process.memoryUsage().arrayBuffers
  assert.throws(() => borrowedSection(batch, { maxBytes: 15_000_000 }), RecordsError)
  assert.ok(process.memoryUsage().arrayBuffers < before + 5_000_000)
})

test('a section that lies in its batch is not freed', () => {
  const batch = batchOf('none', Buffer.alloc(100_000, 'x'))
  const borrowed = borrowedSection(batch)
  returnSection(batch, borrowed)
  assert.ok(borrowed.length > 100_000)
})

function batchOf(codec: Codec, value: Buffer): Buffer {
  return buildBatch({ codec, records: [{ value, timestamp: 0 }] })
}

test('lz4: lengths, distances and ends that a block cannot have are told', () => {
  const corrupt = {
    'a literal run that ends after the block': '5061',
    'a length that does not end': 'f0ff',
    'a distance before the beginning': '10610200' + '00',
    'a distance of nothing': '10610000' + '00',
    'half a distance': '106101',
    'an end right behind a match': '10610100',
    nothing: '',
  }
  for (const [what, hex] of Object.entries(corrupt)) {
    assert.equal(decodeLz4Block(Buffer.from(hex, 'hex'), 100), 'corrupt', what)
  }
  const five = Buffer.from('10610100' + '00', 'hex')
  assert.equal(Buffer.from(decodeLz4Block(five, 5) as Uint8Array).toString(), 'aaaaa')
  assert.equal(decodeLz4Block(five, 4), 'noRoom')
})

test('snappy: elements that a block cannot have are told', () => {
  const corrupt = {
    'a literal that ends after the block': '1061',
    'a literal of 4 GiB': 'fcffffffff61',
    'a size that does not end': 'f861',
    'a copy from before the beginning': '0061' + '0502',
    'a copy from nowhere': '0061' + '0500',
    'half a distance': '0061' + '0601',
  }
  for (const [what, hex] of Object.entries(corrupt)) {
    assert.equal(decodeSnappyBlock(Buffer.from(hex, 'hex'), 100), 'corrupt', what)
  }
  for (const copy of ['0d01', '1a0100', '1b01000000']) {
    const eight = Buffer.from(`0061${copy}`, 'hex')
    assert.equal(Buffer.from(decodeSnappyBlock(eight, 8) as Uint8Array).toString(), 'aaaaaaaa', copy)
    assert.equal(decodeSnappyBlock(eight, 7), 'noRoom', copy)
  }
})

test('snappy: a raw block larger than the decoder takes is read all the same', () => {
  const data = Buffer.alloc(5 * 1024 * 1024, 'rivven')
  assert.ok(decompress('snappy', compressSnappyBlock(data)).equals(data))
})

test('lz4: the checksum of the content is not looked at, as in Kafka; that of a block is', () => {
  const data = Buffer.alloc(3000, 'rivven')
  const whole = compressFrameSync(data, { contentChecksum: true, blockChecksums: true })
  assert.deepEqual(decompress('lz4', whole), data)
  const badContent = Buffer.from(whole)
  badContent[whole.length - 1]! ^= 1
  assert.deepEqual(decompress('lz4', badContent), data)
  assert.throws(() => decompress('lz4', whole.subarray(0, whole.length - 1)), { fault: 'corrupt' })
  const badBlock = Buffer.from(whole)
  // Behind the block: its checksum, the end mark, the checksum of the content.
  badBlock[whole.length - 9]! ^= 1
  assert.throws(() => decompress('lz4', badBlock), { fault: 'corrupt', message: /checksum of a block/ })
})
