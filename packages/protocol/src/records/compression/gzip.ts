import { constants } from 'node:buffer'
import { gunzipSync, gzipSync } from 'node:zlib'
import { tooLarge } from './bounds.js'

/** zlib collects its output in chunks of this size; larger than its default of 16 KiB, as batches are larger. */
const CHUNK_SIZE = 64 * 1024

/** One RFC 1952 member at zlib's default level. */
export function compressGzip(data: Buffer): Buffer {
  return gzipSync(data, { chunkSize: CHUNK_SIZE })
}

/** Any number of members; bytes behind them that begin no other are ignored, as Kafka does. */
export function decompressGzip(data: Buffer, maxBytes: number): Buffer {
  try {
    const maxOutputLength = Math.min(Math.max(1, maxBytes), constants.MAX_LENGTH)
    return gunzipSync(data, { maxOutputLength, chunkSize: CHUNK_SIZE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw error
  }
}
