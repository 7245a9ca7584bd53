import { constants } from 'node:buffer'
import { freeMemory } from '../../free-memory.js'
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

interface Options {
  maxOutputLength: number
  chunkSize: number
}

/** A decompressor of `node:zlib`. */
export interface Decompressor {
  /** Does all at once. */
  whole(data: Buffer, options: Options): Buffer
  /** What `whole` makes and then keeps to itself. */
  begin(options: Options): object
  /** What `whole` tells it: there is no more data. */
  readonly finish: number
}

/**
 * What it has in all versions of Node, and does not document; packages that npm itself is made of use it. Others need not have it:
 * then what was refused is memory until the next garbage collection.
 */
interface Engine {
  _processChunk?(data: Buffer, flush: number): Buffer
  readonly _outBuffer?: Buffer
}

/**
 * Runs a decompressor of `node:zlib` so that it ends with `tooLarge` when its output would pass `maxBytes`. Memory of which
 * nothing is written costs next to nothing, while large content in small chunks costs twice its size and leaves the allocator
 * in pieces.
 */
export function decompressBounded(data: Buffer, { maxBytes, expected }: Bounds, by: Decompressor): Buffer {
  const content = expected < maxBytes / 4 ? bounded(data, expected, by) : undefined
  if (content) return content
  const all = bounded(data, maxBytes, by)
  if (!all) throw tooLarge(maxBytes)
  return all
}

/** Undefined: there is more. */
function bounded(data: Buffer, most: number, by: Decompressor): Buffer | undefined {
  const maxOutputLength = Math.min(Math.max(1, most), constants.MAX_LENGTH)
  // With one byte more it is full only where there is too much.
  const chunkSize = Math.min(Math.max(ZLIB_CHUNK_SIZE, maxOutputLength + 1), LARGEST_CHUNK)
  try {
    return decompressed(data, { maxOutputLength, chunkSize }, by)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined
    throw error
  }
}

/** As `whole`, but what has come out of data that are refused is freed at once: it may be much, and come again and again. */
function decompressed(data: Buffer, options: Options, by: Decompressor): Buffer {
  const engine: Engine = by.begin(options)
  if (!engine._processChunk) return by.whole(data, options)
  try {
    return engine._processChunk(data, by.finish)
  } catch (error) {
    const output = engine._outBuffer
    // Nothing else lies in it: Node's pool is smaller.
    if (output && output.byteLength === output.buffer.byteLength) freeMemory(output.buffer)
    throw error
  }
}
