import { Decoder, Encoder } from '@toondepauw/node-zstd'
import { joined, tooLarge } from './bounds.js'
import { MAX_BLOCK_CONTENT, readZstdFrame, type ZstdFrame, zstdPrefix } from './zstd-frame.js'

// The library has no bound on its output, and one kilobyte of zstd can hold 32 MiB. So frames are taken apart into
// their blocks first: a block holds at most 128 KiB, and blocks are given to the library only as far as that bound
// lets them. (node:zlib has zstd from Node 22.15 on; this works on all.)
const LEVEL = 3
const encoder = new Encoder(LEVEL)
const decoder = new Decoder()

/** One standard frame without content size, as Kafka's Java client writes it. */
export function compressZstd(data: Buffer): Buffer {
  return encoder.encodeSync(data)
}

/** Any number of frames, skippable ones between them. */
export function decompressZstd(data: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = []
  let left = maxBytes
  let at = 0
  while (at < data.length) {
    const frame = readZstdFrame(data, at)
    at = frame.end
    if (frame.isSkippable) continue
    const part = frame.maxContent <= left ? decodeWhole(data, frame) : decodeBounded(data, frame, left)
    if (part.length > left) throw tooLarge(maxBytes)
    parts.push(part)
    left -= part.length
  }
  return joined(parts)
}

function decodeWhole(data: Buffer, frame: ZstdFrame): Buffer {
  return decoder.decodeSync(data.subarray(frame.start, frame.end))
}

/** Each round costs as much as decompressing; writers that fill their blocks need one or two. */
const MAX_ROUNDS = 8

/**
 * For frames whose blocks could hold more than `left`: measures longer and longer beginnings of the frame, each with so
 * many blocks as cannot pass the bound by more than one, until all of it is known to fit or not to.
 */
function decodeBounded(data: Buffer, frame: ZstdFrame, left: number): Buffer {
  let blocks = 0
  let measured = 0
  for (let round = 0; round < MAX_ROUNDS; round++) {
    blocks += Math.max(1, Math.floor((left - measured) / MAX_BLOCK_CONTENT))
    if (blocks >= frame.blocks.length) return decodeWhole(data, frame)
    measured = decoder.decodeSync(zstdPrefix(data, frame, blocks)).length
    if (measured > left) break
  }
  throw tooLarge(left)
}
