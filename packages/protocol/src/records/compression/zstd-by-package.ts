import { codecPackage } from '../native.js'
import { tooLarge } from './bounds.js'
import type { ZstdEngine } from './zstd-engine.js'
import { MAX_BLOCK_CONTENT, type ZstdFrame, zstdPrefix } from './zstd-frame.js'

// The library has no bound on its output, and one kilobyte of zstd can hold 32 MiB. So frames are taken apart into
// their blocks first: a block holds at most 128 KiB, and blocks are given to the library only as far as that bound
// lets them.
type Library = typeof import('@toondepauw/node-zstd')

const LEVEL = 3
const library = codecPackage<Library>('zstd', '@toondepauw/node-zstd')
let coders: { encoder: InstanceType<Library['Encoder']>; decoder: InstanceType<Library['Decoder']> } | undefined

/** By `@toondepauw/node-zstd`, for Node before 22.15. */
export const zstdByPackage: ZstdEngine = {
  compress: (data) => loadCoders().encoder.encodeSync(data),
  decompressFrame: (data, frame, maxBytes) =>
    frame.maxContent <= maxBytes ? decodeWhole(data, frame) : decodeBounded(data, frame, maxBytes),
}

function loadCoders(): NonNullable<typeof coders> {
  if (coders) return coders
  const { Encoder, Decoder } = library()
  coders = { encoder: new Encoder(LEVEL), decoder: new Decoder() }
  return coders
}

function decodeWhole(data: Buffer, frame: ZstdFrame): Buffer {
  return loadCoders().decoder.decodeSync(data.subarray(frame.start, frame.end))
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
    // One more than surely fits: what is full of full blocks is found out the first time.
    blocks += 1 + Math.floor((left - measured) / MAX_BLOCK_CONTENT)
    if (blocks >= frame.blocks.length) return decodeWhole(data, frame)
    measured = loadCoders().decoder.decodeSync(zstdPrefix(data, frame, blocks)).length
    if (measured > left) break
  }
  throw tooLarge(left)
}
