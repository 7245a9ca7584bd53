import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Encoder } from '@toondepauw/node-zstd'
import { type Codec, codecs, compress, decompress, RecordsError } from '../../src/index.js'
import { xxhash32 } from '../../src/records/compression/block-decoders.js'

const compressing = codecs.filter((codec) => codec !== 'none')
const sizes = [0, 1, 100, 32768, 32769, 65536, 65537, 200000]

/** Bytes that compress about as well as real records do; the same on every run. */
function sample(size: number): Buffer {
  const data = Buffer.alloc(size)
  let state = 7
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[at] = at % 5 ? 97 + (state >>> 29) : state >>> 24
  }
  return data
}

for (const codec of compressing) {
  test(`${codec}: what was compressed comes back, and passes a bound of exactly its size`, () => {
    for (const size of sizes) {
      const data = sample(size)
      assert.deepEqual(decompress(codec, compress(codec, data), size), data, `${size} bytes`)
    }
  })

  test(`${codec}: one byte less than the content is too large`, () => {
    for (const size of sizes.filter((each) => each > 1)) {
      assert.throws(
        () => decompress(codec, compress(codec, sample(size)), size - 1),
        { fault: 'tooLarge' },
        `${size} bytes`,
      )
    }
  })

  test(`${codec}: bytes cut short are corrupt or give less, and nothing else happens`, () => {
    const whole = compress(codec, sample(3000))
    for (let length = 0; length < whole.length; length += 7) {
      try {
        assert.ok(decompress(codec, whole.subarray(0, length), 3000).length < 3000)
      } catch (error) {
        assert.ok(error instanceof RecordsError, String(error))
      }
    }
  })

  test(`${codec}: a bomb is refused quickly and with little memory`, () => {
    const bomb = bombs[codec]!
    const before = process.memoryUsage()
    const milliseconds = cpuTimeOf(() => assert.throws(() => decompress(codec, bomb, 1000000), { fault: 'tooLarge' }))
    const after = process.memoryUsage()
    assert.ok(milliseconds < 1000, `${milliseconds} ms`)
    assert.ok(after.external + after.arrayBuffers - before.external - before.arrayBuffers < 50e6)
  })
}

for (const codec of ['gzip', 'lz4'] as const) {
  test(`${codec}: what came out of a bomb is free when it is refused, without a garbage collection`, () => {
    const most = 32 * 1024 * 1024
    const bomb = compress(codec, Buffer.alloc(2 * most))
    const before = process.memoryUsage().arrayBuffers
    for (let time = 0; time < 2; time++)
      assert.throws(() => decompress(codec, bomb, most), { fault: 'tooLarge', message: /33554432 bytes/ })
    assert.ok(process.memoryUsage().arrayBuffers - before < most / 2)
  })
}

for (const codec of ['gzip', 'lz4'] as const) {
  test(`${codec}: large content takes little more memory than it has bytes`, () => {
    const bytes = 60_000_000
    const data = compress(codec, Buffer.alloc(bytes))
    const before = process.memoryUsage().arrayBuffers
    assert.equal(decompress(codec, data, bytes).length, bytes)
    const rise = process.memoryUsage().arrayBuffers - before
    // Growing from small pieces would cost twice as much.
    assert.ok(rise < bytes * 1.4, `${rise} bytes`)
  })
}

test('gzip: several members, and zeros behind them but nothing else, are read whatever the last bytes say of the size', () => {
  const small = gzipSync(Buffer.alloc(10))
  const large = gzipSync(Buffer.alloc(1_000_000, 7))
  assert.equal(decompress('gzip', Buffer.concat([large, small]), 1_000_010).length, 1_000_010)
  assert.throws(() => decompress('gzip', Buffer.concat([large, small]), 1_000_009), { fault: 'tooLarge' })
  assert.equal(decompress('gzip', Buffer.concat([small, large, Buffer.alloc(4)])).length, 1_000_010)
  assert.throws(() => decompress('gzip', Buffer.concat([small, large, Buffer.from('rest')])), { fault: 'corrupt' })
})

/** Milliseconds of CPU: others on the machine do not count. */
function cpuTimeOf(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Small bytes that hold far more than a megabyte. */
const bombs: Partial<Record<Codec, Buffer>> = {
  gzip: gzipSync(Buffer.alloc(100000000)),
  snappy: compress('snappy', Buffer.alloc(50000000)),
  lz4: compress('lz4', Buffer.alloc(100000000)),
  zstd: zstdBomb(2500),
}

/** Blocks of one byte each that stand for 128 KiB: 10 KB that hold 320 MB. */
function zstdBomb(blocks: number): Buffer {
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])]
  for (let index = 0; index < blocks; index++) {
    const block = Buffer.alloc(4)
    block.writeUIntLE(((128 * 1024) << 3) | (1 << 1) | (index === blocks - 1 ? 1 : 0), 0, 3)
    parts.push(block)
  }
  return Buffer.concat(parts)
}

test('zstd: a frame of many small compressed blocks is measured, not guessed', () => {
  const parts: Buffer[] = []
  const whole = new Encoder(3)
  for (let index = 0; index < 40; index++) parts.push(whole.encodeSync(sample(300)))
  const frames = Buffer.concat(parts)
  assert.equal(decompress('zstd', frames, 12000).length, 12000)
  assert.throws(() => decompress('zstd', frames, 11999), { fault: 'tooLarge' })
  const big = compress('zstd', sample(1000000))
  assert.equal(decompress('zstd', big, 1000000).length, 1000000)
  assert.throws(() => decompress('zstd', big, 999999), { fault: 'tooLarge' })
})

test('zstd: blocks that hide how little they hold cannot make the measuring long', () => {
  const one = compress('zstd', Buffer.alloc(200, 'ab'))
  const block = one.subarray(6)
  assert.equal((block[0]! >> 1) & 3, 2, 'a compressed block')
  const blocks = Array.from({ length: 20000 }, (_, index) => {
    const copy = Buffer.from(block)
    copy[0] = (copy[0]! & ~1) | (index === 19999 ? 1 : 0)
    return copy
  })
  const frame = Buffer.concat([one.subarray(0, 6), ...blocks])
  const milliseconds = cpuTimeOf(() => {
    try {
      decompress('zstd', frame, 200000)
    } catch (error) {
      assert.ok(error instanceof RecordsError)
    }
  })
  assert.ok(milliseconds < 1000, `${milliseconds} ms`)
})

test('snappy: a raw block that claims gigabytes is refused before anything is allocated', () => {
  const block = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61])
  assert.throws(() => decompress('snappy', block), { fault: 'corrupt' })
})

test('lz4: frames are written with independent blocks and a right header checksum', () => {
  const frame = compress('lz4', sample(100))
  assert.equal(frame.subarray(0, 7).toString('hex'), '04224d18604082')
})

test('xxHash32 agrees with its published values', () => {
  assert.equal(xxhash32(Buffer.alloc(0)), 0x02cc5d05)
  assert.equal(xxhash32(Buffer.from('a')), 0x550d7456)
  assert.equal(xxhash32(Buffer.from('abc')), 0x32d153ff)
  assert.equal(xxhash32(Buffer.from('Nobody inspects the spammish repetition')), 0xe2293b2f)
})
