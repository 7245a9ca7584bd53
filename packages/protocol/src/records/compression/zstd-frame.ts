import { corrupt } from './bounds.js'

// The outer structure of zstd frames (RFC 8878 §3.1), as far as it is needed to know where blocks end.
const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50

/** The most that one block holds, whatever its kind. */
export const MAX_BLOCK_CONTENT = 128 * 1024
/** A reader need not take windows beyond 8 MiB; Kafka's writers stay below 128 MiB, which is the library's limit. */
const MAX_WINDOW_LOG = 27

export interface ZstdFrame {
  start: number
  end: number
  isSkippable: boolean
  /** Where the blocks begin: behind magic and header. */
  blocksAt: number
  /** Where each block ends. */
  blocks: readonly number[]
  windowSize: number
  /** The content cannot be larger. */
  maxContent: number
}

/** Finds the blocks of the frame at `start`; throws if they do not end within the data. */
export function readZstdFrame(data: Buffer, start: number): ZstdFrame {
  if (data.length - start < 8) throw corrupt('zstd', 'the frame does not end')
  const magic = data.readUInt32LE(start)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return skippableFrame(data, start)
  if (magic !== MAGIC) throw corrupt('zstd', 'no frame magic')
  const { blocksAt, windowSize, hasChecksum } = readHeader(data, start + 4)
  const { blocks, maxContent } = readBlocks(data, blocksAt)
  const end = blocks.at(-1)! + (hasChecksum ? 4 : 0)
  if (end > data.length) throw corrupt('zstd', 'the frame does not end')
  return { start, end, isSkippable: false, blocksAt, blocks, windowSize, maxContent }
}

/** A frame of its own of the first `count` blocks: without content size and checksum, which are those of the whole. */
export function zstdPrefix(data: Buffer, frame: ZstdFrame, count: number): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, windowDescriptor(frame.windowSize)])
  const prefix = Buffer.concat([header, data.subarray(frame.blocksAt, frame.blocks[count - 1])])
  const lastAt = header.length + (count > 1 ? frame.blocks[count - 2]! - frame.blocksAt : 0)
  prefix[lastAt]! |= 1
  return prefix
}

function skippableFrame(data: Buffer, start: number): ZstdFrame {
  const end = start + 8 + data.readUInt32LE(start + 4)
  if (end > data.length) throw corrupt('zstd', 'the frame does not end')
  return { start, end, isSkippable: true, blocksAt: end, blocks: [], windowSize: 0, maxContent: 0 }
}

function readHeader(data: Buffer, at: number): { blocksAt: number; windowSize: number; hasChecksum: boolean } {
  const descriptor = data[at]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  const windowAt = at + 1
  const sizeAt = windowAt + (isSingleSegment ? 0 : 1) + dictionaryBytes
  const blocksAt = sizeAt + sizeBytes
  if (blocksAt > data.length) throw corrupt('zstd', 'the header ends early')
  if (dictionaryBytes > 0) throw corrupt('zstd', 'needs a dictionary')
  const windowSize = isSingleSegment ? contentSize(data, sizeAt, sizeBytes) : describedWindow(data[windowAt]!)
  if (windowSize > 2 ** MAX_WINDOW_LOG) throw corrupt('zstd', `a window of ${windowSize} bytes`)
  return { blocksAt, windowSize, hasChecksum: (descriptor & 0x04) !== 0 }
}

function contentSize(data: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return data.readUInt32LE(at + 4) * 4294967296 + data.readUInt32LE(at)
  return data.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0)
}

function describedWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

/** The smallest power of two that holds the window, as one byte. */
function windowDescriptor(size: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(1, size))) - 10) << 3
}

function readBlocks(data: Buffer, start: number): { blocks: number[]; maxContent: number } {
  const blocks: number[] = []
  let maxContent = 0
  let at = start
  for (let isLast = false; !isLast; ) {
    if (data.length - at < 3) throw corrupt('zstd', 'the frame does not end')
    const header = data.readUIntLE(at, 3)
    const kind = (header >> 1) & 3
    const size = header >> 3
    isLast = (header & 1) === 1
    if (kind === 3 || size > MAX_BLOCK_CONTENT) throw corrupt('zstd', 'a block of reserved kind or size')
    // Kind 0 is stored, 1 one byte many times, 2 compressed: only the last leaves open how much comes out.
    maxContent += kind === 2 ? MAX_BLOCK_CONTENT : size
    at += 3 + (kind === 1 ? 1 : size)
    if (at > data.length) throw corrupt('zstd', 'a block ends after the data')
    blocks.push(at)
  }
  return { blocks, maxContent }
}
