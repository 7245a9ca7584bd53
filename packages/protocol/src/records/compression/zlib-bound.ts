import { constants } from 'node:buffer'
import { tooLarge } from './bounds.js'

/** zlib collects its output in chunks of this size; larger than its default of 16 KiB, as batches are larger. */
export const ZLIB_CHUNK_SIZE = 64 * 1024
/** The most memory that is taken in one piece before anybody knows that so much comes. */
const LARGEST_CHUNK = 128 * 1024 * 1024

interface Bounds {
  /** The most that may come out. */
  maxBytes: number
  /** What probably comes out: then that much is taken. If it is much, or a lie, all that is allowed is taken in its place. */
  expected: number
}

type Run = (options: { maxOutputLength: number; chunkSize: number }) => Buffer

/**
 * Runs a decompressor of `node:zlib` so that it ends with `tooLarge` when its output would pass `maxBytes`. Memory of which
 * nothing is written costs next to nothing, while large content in small chunks costs twice its size and leaves the allocator
 * in pieces.
 */
export function decompressBounded({ maxBytes, expected }: Bounds, run: Run): Buffer {
  const content = expected < maxBytes / 4 ? bounded(run, expected) : undefined
  if (content) return content
  const all = bounded(run, maxBytes)
  if (!all) throw tooLarge(maxBytes)
  return all
}

/** Undefined: there is more. */
function bounded(run: Run, most: number): Buffer | undefined {
  const maxOutputLength = Math.min(Math.max(1, most), constants.MAX_LENGTH)
  // With one byte more it is full only where there is too much.
  const chunkSize = Math.min(Math.max(ZLIB_CHUNK_SIZE, maxOutputLength + 1), LARGEST_CHUNK)
  try {
    return run({ maxOutputLength, chunkSize })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}
