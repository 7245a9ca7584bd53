import { constants, createGunzip, gunzipSync, gzipSync } from 'node:zlib'
import { type Decompressor, decompressBounded, ZLIB_CHUNK_SIZE } from './zlib-bound.js'

/** Deflate makes no more than this of a byte. */
const MAX_EXPANSION = 1032

const gunzip: Decompressor = { whole: gunzipSync, begin: createGunzip, finish: constants.Z_FINISH }

/** One RFC 1952 member at zlib's default level. */
export function compressGzip(data: Buffer): Buffer {
  return gzipSync(data, { chunkSize: ZLIB_CHUNK_SIZE })
}

/**
 * Any number of members, and zeros behind them. Other bytes that begin no member are corrupt: Java passes over them, but nobody
 * writes any.
 */
export function decompressGzip(data: Buffer, maxBytes: number): Buffer {
  return decompressBounded(data, { maxBytes, expected: claimedSize(data) }, gunzip)
}

/** What the last member says to hold. With others before it, or by a lie, there is more or less. */
function claimedSize(data: Buffer): number {
  if (data.length < 4) return 0
  const claimed = data.readUInt32LE(data.length - 4)
  return Math.max(ZLIB_CHUNK_SIZE - 1, Math.min(claimed, data.length * MAX_EXPANSION))
}
