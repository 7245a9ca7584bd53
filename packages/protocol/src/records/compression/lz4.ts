import { codecPackage } from '../native.js'
import { decodeLz4Block, xxhash32 } from './block-decoders.js'
import { corrupt, tooLarge } from './bounds.js'
import type { Output } from './output.js'

const lz4 = codecPackage<typeof import('lz4-napi')>('lz4', 'lz4-napi')

// The frame is read and written here, because the bound on the output, the header checksum and what Kafka refuses are
// ours to check; blocks are made by the library and read by block-decoders. (LZ4 frame format 1.6.)
const MAGIC = 0x184d2204
const WRITTEN_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const WRITTEN_BLOCK_SIZE = 64 * 1024
const STORED = 0x80000000
/** The library puts the size of the content in front of a block. */
const SIZE_PREFIX = 4

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
 * Reads one frame into `output` and ignores what follows it, as Kafka does; nor does Kafka look at the checksum of the
 * content, which the CRC of the batch covers. `checksumCoversMagic`: the header checksum of message sets before magic 2,
 * which Kafka's first LZ4 writer got wrong.
 */
export function decompressLz4(data: Buffer, maxBytes: number, output: Output, checksumCoversMagic = false): Buffer {
  const frame = readFrameHeader(data, checksumCoversMagic)
  output.clear(maxBytes)
  let left = maxBytes
  let at = frame.blocksAt
  for (;;) {
    if (data.length - at < 4) throw corrupt('lz4', 'the frame does not end')
    const word = data.readUInt32LE(at)
    at += 4
    if (word === 0) break
    const end = at + (word & 0x7fffffff)
    if (end + (frame.hasBlockChecksums ? 4 : 0) > data.length) throw corrupt('lz4', 'a block ends after the data')
    const part = readBlock(data, { at, end, isStored: word >= STORED, frame, left, maxBytes })
    if (part.length > left) throw tooLarge(maxBytes)
    output.add(part)
    left -= part.length
    at = end + (frame.hasBlockChecksums ? 4 : 0)
  }
  if (frame.hasContentChecksum && data.length - at < 4) throw corrupt('lz4', 'the frame does not end')
  return output.finish()
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
  const checksum = (xxhash32(data.subarray(checksumCoversMagic ? 0 : 4, checksumAt)) >>> 8) & 0xff
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
  frame: Frame
  left: number
  /** Of all blocks together. */
  maxBytes: number
}

function readBlock(data: Buffer, { at, end, isStored, frame, left, maxBytes }: Block): Uint8Array {
  const { maxBlockSize, hasBlockChecksums } = frame
  const block = data.subarray(at, end)
  if (block.length > maxBlockSize) {
    throw corrupt('lz4', `a block of ${block.length} bytes where ${maxBlockSize} are the most`)
  }
  if (hasBlockChecksums && xxhash32(block) !== data.readUInt32LE(end)) throw corrupt('lz4', 'wrong checksum of a block')
  if (isStored) return block
  // One more than allowed may come out, so that the caller sees "too large" instead of "corrupt".
  const room = Math.min(maxBlockSize, left + 1)
  const content = decodeLz4Block(block, room)
  if (content === 'noRoom' && room === left + 1) throw tooLarge(maxBytes)
  if (typeof content === 'string') throw corrupt('lz4', 'a block makes no sense')
  return content
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}
