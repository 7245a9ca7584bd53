import { constants } from 'node:buffer'
import { tooLarge } from './bounds.js'

/** zlib collects its output in chunks of this size; larger than its default of 16 KiB, as batches are larger. */
export const ZLIB_CHUNK_SIZE = 64 * 1024

/** Runs a decompressor of `node:zlib` so that it ends with `tooLarge` when its output would pass `maxBytes`. */
export function decompressBounded(
  maxBytes: number,
  run: (options: { maxOutputLength: number; chunkSize: number }) => Buffer,
): Buffer {
  try {
    const maxOutputLength = Math.min(Math.max(1, maxBytes), constants.MAX_LENGTH)
    return run({ maxOutputLength, chunkSize: ZLIB_CHUNK_SIZE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw error
  }
}
