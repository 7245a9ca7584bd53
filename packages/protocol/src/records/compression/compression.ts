import { freeMemory } from '../../free-memory.js'
import type { Codec } from '../codec.js'
import { RecordsError } from '../records-error.js'
import { compressGzip, decompressGzip } from './gzip.js'
import { compressLz4, decompressLz4 } from './lz4.js'
import { Output } from './output.js'
import { compressSnappy, decompressSnappy } from './snappy.js'
import { compressZstd, decompressZstd } from './zstd.js'

/**
 * What a batch may decompress to unless the caller says otherwise: 128 MiB, far more than the 1 MiB that a batch may
 * have by default would honestly hold, and little enough for one process.
 */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 128 * 1024 * 1024

/**
 * Compresses a record section in the framing that Kafka's own client writes, so that every client reads it. Throws
 * RecordsError `unavailable` where the codec's package is not installed.
 */
export function compress(codec: Codec, data: Buffer): Buffer {
  switch (codec) {
    case 'none':
      return data
    case 'gzip':
      return compressGzip(data)
    case 'snappy':
      return compressSnappy(data)
    case 'lz4':
      return compressLz4(data)
    case 'zstd':
      return compressZstd(data)
  }
}

/** One for all: nothing else runs between the start of a decompression and the use of what is borrowed. */
const output = new Output()

/**
 * Decompresses a record section as any Kafka client may have written it. Throws RecordsError: `corrupt` for bytes that
 * are not of this codec, `tooLarge` as soon as the output would pass `maxBytes`, `unavailable` where the codec's package is
 * not installed; sizes that the data claims are never allocated unseen. Codec none returns `data` itself.
 */
export function decompress(codec: Codec, data: Buffer, maxBytes = DEFAULT_MAX_DECOMPRESSED_BYTES): Buffer {
  const content = decompressBorrowed(codec, data, maxBytes)
  return output.liesIn(content.buffer) ? Buffer.from(content) : content
}

/** The same, in memory that the next call writes to: for who looks at the content at once and keeps nothing of it. */
export function decompressBorrowed(codec: Codec, data: Buffer, maxBytes = DEFAULT_MAX_DECOMPRESSED_BYTES): Buffer {
  try {
    return decompressors[codec](data, maxBytes)
  } catch (cause) {
    output.clear()
    if (cause instanceof RecordsError) throw cause
    throw new RecordsError('corrupt', `Records do not decompress as ${codec}: ${(cause as Error).message}`, { cause })
  }
}

/** Nothing else lies in memory from this size on, as it does in Node's pool. */
const FREED_BYTES = 64 * 1024

/** Of what a codec has made, not of `data`: frees it, where it is not used again. */
export function returnBorrowed({ buffer }: Buffer): void {
  if (buffer.byteLength >= FREED_BYTES && !output.liesIn(buffer)) freeMemory(buffer)
}

/** Loads what the codec needs, which else happens at its first use; RecordsError `unavailable` if it is not installed. */
export function loadCodec(codec: Codec): void {
  compress(codec, Buffer.alloc(0))
}

const decompressors: Record<Codec, (data: Buffer, maxBytes: number) => Buffer> = {
  none: (data) => data,
  gzip: decompressGzip,
  snappy: (data, maxBytes) => decompressSnappy(data, maxBytes, output),
  lz4: (data, maxBytes) => decompressLz4(data, maxBytes, output),
  zstd: decompressZstd,
}
