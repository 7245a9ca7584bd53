import { gunzipSync, gzipSync } from 'node:zlib'
import { decompressBounded, ZLIB_CHUNK_SIZE } from './zlib-bound.js'

/** One RFC 1952 member at zlib's default level. */
export function compressGzip(data: Buffer): Buffer {
  return gzipSync(data, { chunkSize: ZLIB_CHUNK_SIZE })
}

/** Any number of members; bytes behind them that begin no other are ignored, as Kafka does. */
export function decompressGzip(data: Buffer, maxBytes: number): Buffer {
  return decompressBounded(maxBytes, (options) => gunzipSync(data, options))
}
