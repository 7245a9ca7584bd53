import { codecPackage } from '../native.js'
import { decodeSnappyBlock, MAX_BLOCK_BYTES } from './block-decoders.js'
import { corrupt, tooLarge } from './bounds.js'
import type { Output } from './output.js'

const snappy = codecPackage<typeof import('snappy')>('snappy', 'snappy')

// Two framings are in use. "xerial" (Java, kafka-python): magic, two int32 versions, then int32 length + raw block, as
// often as needed. Raw (librdkafka, @platformatic/kafka): one snappy block. Kafka reads both, and so does everybody
// that we know; Java's is the one to write, for readers that know only it.
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const XERIAL_HEADER = Buffer.concat([MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])])
const CHUNK_SIZE = 32 * 1024

// `copyOutputData`: without it the library hands out memory of its own, which costs 3.5 ns a byte to make and free against
// 0.2 for the copy (bench/micro/records.mjs).

/** No element of a snappy block turns fewer than 3 bytes into 64, so an honest block never claims more than this. */
const MAX_EXPANSION = 32

export function compressSnappy(data: Buffer): Buffer {
  const { compressSync } = snappy()
  const parts: Buffer[] = [XERIAL_HEADER]
  for (let at = 0; at < data.length; at += CHUNK_SIZE) {
    const block = compressSync(data.subarray(at, at + CHUNK_SIZE), { copyOutputData: true })
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** Reads either framing into `output`. */
export function decompressSnappy(data: Buffer, maxBytes: number, output: Output): Buffer {
  output.clear(maxBytes)
  if (startsXerial(data, 0)) decompressXerial(data, maxBytes, output)
  else output.add(decompressBlock(data, maxBytes))
  return output.finish()
}

function startsXerial(data: Buffer, at: number): boolean {
  return data.length - at >= XERIAL_HEADER.length && MAGIC.compare(data, at, at + MAGIC.length) === 0
}

function decompressXerial(data: Buffer, maxBytes: number, output: Output): void {
  let left = maxBytes
  let at = XERIAL_HEADER.length
  while (at < data.length) {
    // Streams may follow each other: Java writers that flush in between leave such.
    if (startsXerial(data, at)) {
      at += XERIAL_HEADER.length
      continue
    }
    const length = data.length - at < 4 ? -1 : data.readInt32BE(at)
    at += 4
    if (length < 0 || length > data.length - at) throw corrupt('snappy', 'a chunk ends after the data')
    const part = decompressBlock(data.subarray(at, at + length), left)
    output.add(part)
    left -= part.length
    at += length
  }
}

function decompressBlock(block: Buffer, maxBytes: number): Uint8Array {
  const { size, elementsAt } = claimOf(block)
  if (size > block.length * MAX_EXPANSION) throw corrupt('snappy', `${block.length} bytes claim to hold ${size}`)
  if (size > maxBytes) throw tooLarge(maxBytes)
  // Only writers that do not chunk make such blocks, of batches far above the default limit.
  if (size > MAX_BLOCK_BYTES || block.length > MAX_BLOCK_BYTES) {
    return snappy().uncompressSync(block, { asBuffer: true, copyOutputData: true }) as Buffer
  }
  const content = decodeSnappyBlock(block.subarray(elementsAt), size)
  if (typeof content === 'string' || content.length !== size) throw corrupt('snappy', 'a block makes no sense')
  return content
}

/** The uvarint in front of every block: what it says to hold, and where its elements begin. */
function claimOf(block: Buffer): { size: number; elementsAt: number } {
  let size = 0
  for (let index = 0; index < 5 && index < block.length; index++) {
    const byte = block[index]!
    size += (byte & 0x7f) * 2 ** (index * 7)
    if (byte < 0x80) return { size, elementsAt: index + 1 }
  }
  throw corrupt('snappy', 'no size in front')
}
