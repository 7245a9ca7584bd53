import zlib from 'node:zlib'
import { decompressBounded, ZLIB_CHUNK_SIZE } from './zlib-bound.js'
import type { ZstdEngine } from './zstd-engine.js'

interface ZlibOptions {
  chunkSize: number
  maxOutputLength?: number
}

/** What `node:zlib` has from Node 22.15 and 23.8 on; the types that we build with are those of Node 20. */
interface ZlibWithZstd {
  zstdCompressSync(data: Buffer, options: ZlibOptions): Buffer
  zstdDecompressSync(data: Buffer, options: ZlibOptions): Buffer
  createZstdDecompress(options: ZlibOptions): object
  readonly constants: { readonly ZSTD_e_end: number }
}

/** By Node itself; undefined where it has no zstd. Its default level is 3. */
export const zstdByZlib: ZstdEngine | undefined = hasZstd(zlib) ? engine(zlib) : undefined

function hasZstd(module: object): module is ZlibWithZstd {
  return 'zstdDecompressSync' in module && 'zstdCompressSync' in module
}

function engine(zlib: ZlibWithZstd): ZstdEngine {
  const { zstdDecompressSync: whole, createZstdDecompress: begin, constants } = zlib
  const decompressor = { whole, begin, finish: constants.ZSTD_e_end }
  return {
    compress: (data) => zlib.zstdCompressSync(data, { chunkSize: ZLIB_CHUNK_SIZE }),
    // Writers fill their blocks but for the last, so what all could hold is nearly what they do.
    decompressFrame: (data, { start, end, maxContent }, maxBytes) =>
      decompressBounded(data.subarray(start, end), { maxBytes, expected: maxContent }, decompressor),
  }
}
