import { codecPackage } from '../native.js'
import { corrupt, joined, tooLarge } from './bounds.js'
import { xxhash32 } from './xxhash32.js'

const lz4 = codecPackage<typeof import('lz4-napi')>('lz4', 'lz4-napi')

// The frame is read and written here, because the bound on the output, the header checksum and what Kafka refuses are
// ours to check; the library does the blocks. (LZ4 frame format 1.6.)
const MAGIC = 0x184d2204
const WRITTEN_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const WRITTEN_BLOCK_SIZE = 64 * 1024
const STORED = 0x80000000
/** The library wants the size of the output in front of a block. */
const SIZE_PREFIX = 4
/** No LZ4 block holds more than 255 bytes for each of its own. */
const MAX_EXPANSION = 255

interface Frame {
  blocksAt: number
  maxBlockSize: number
  hasBlockChecksums: boolean
  hasContentChecksum: boolean
}

/** One frame of independent 64 KiB blocks, as Kafka's Java client writes it. */
export function compressLz4(data: Buffer): Buffer {
  const { compressSync } = lz4()
  const parts: Buffer[] = [WRITTEN_HEADER]
  for (let at = 0; at < data.length; at += WRITTEN_BLOCK_SIZE) {
    const plain = data.subarray(at, at + WRITTEN_BLOCK_SIZE)
    const block = compressSync(plain)
    const size = block.length - SIZE_PREFIX
    if (size < plain.length) {
      block.writeUInt32LE(size, 0)
      parts.push(block)
    } else parts.push(uint32(plain.length + STORED), plain)
  }
  parts.push(uint32(0))
  return Buffer.concat(parts)
}

/**
 * Reads one frame and ignores what follows it, as Kafka does. `checksumCoversMagic`: the header checksum of message sets
 * before magic 2, which Kafka's first LZ4 writer got wrong.
 */
export function decompressLz4(data: Buffer, maxBytes: number, checksumCoversMagic = false): Buffer {
  const frame = readFrameHeader(data, checksumCoversMagic)
  const parts: Buffer[] = []
  let left = maxBytes
  let at = frame.blocksAt
  for (;;) {
    if (data.length - at < 4) throw corrupt('lz4', 'the frame does not end')
    const word = data.readUInt32LE(at)
    at += 4
    if (word === 0) break
    const end = at + (word & 0x7fffffff)
    if (end + (frame.hasBlockChecksums ? 4 : 0) > data.length) throw corrupt('lz4', 'a block ends after the data')
    if (frame.hasBlockChecksums && xxhash32(data, at, end) !== data.readUInt32LE(end)) {
      throw corrupt('lz4', 'wrong checksum of a block')
    }
    const part = readBlock(data, { at, end, isStored: word >= STORED, maxBlockSize: frame.maxBlockSize, left })
    if (part.length > left) throw tooLarge(maxBytes)
    parts.push(part)
    left -= part.length
    at = end + (frame.hasBlockChecksums ? 4 : 0)
  }
  const content = joined(parts)
  if (frame.hasContentChecksum) checkContent(content, data, at)
  return content
}

function readFrameHeader(data: Buffer, checksumCoversMagic: boolean): Frame {
  if (data.length < 7 || data.readUInt32LE(0) !== MAGIC) throw corrupt('lz4', 'no frame magic')
  const flags = data[4]!
  const blockDescriptor = data[5]!
  const checksumAt = 6 + (flags & 0x08 ? 8 : 0)
  if (flags >> 6 !== 1) throw corrupt('lz4', `frame version ${flags >> 6}`)
  if ((flags & 0x20) === 0) throw corrupt('lz4', 'linked blocks')
  if ((flags & 0x03) !== 0 || (blockDescriptor & 0x8f) !== 0) throw corrupt('lz4', 'a dictionary or reserved bits')
  const sizeId = blockDescriptor >> 4
  if (sizeId < 4) throw corrupt('lz4', `block size ${sizeId}`)
  if (checksumAt >= data.length) throw corrupt('lz4', 'the header ends early')
  const checksum = (xxhash32(data, checksumCoversMagic ? 0 : 4, checksumAt) >>> 8) & 0xff
  if (data[checksumAt] !== checksum) throw corrupt('lz4', 'wrong checksum of the header')
  return {
    blocksAt: checksumAt + 1,
    maxBlockSize: 2 ** (8 + 2 * sizeId),
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
  }
}

interface Block {
  at: number
  end: number
  isStored: boolean
  maxBlockSize: number
  left: number
}

function readBlock(data: Buffer, { at, end, isStored, maxBlockSize, left }: Block): Buffer {
  const size = end - at
  if (size > maxBlockSize) throw corrupt('lz4', `a block of ${size} bytes where ${maxBlockSize} are the most`)
  if (isStored) return data.subarray(at, end)
  const { uncompressSync } = lz4()
  const input = Buffer.allocUnsafe(SIZE_PREFIX + size)
  // One more than allowed may come out, so that the caller sees "too large" instead of "corrupt".
  const room = Math.min(maxBlockSize, size * MAX_EXPANSION, left + 1)
  input.writeUInt32LE(room, 0)
  data.copy(input, SIZE_PREFIX, at, end)
  try {
    return uncompressSync(input)
  } catch (error) {
    if (room === left + 1 && /too small/.test((error as Error).message)) throw tooLarge(left)
    throw error
  }
}

function checkContent(content: Buffer, data: Buffer, at: number): void {
  if (data.length - at < 4) throw corrupt('lz4', 'the frame does not end')
  if (xxhash32(content) !== data.readUInt32LE(at)) throw corrupt('lz4', 'wrong checksum of the content')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}
