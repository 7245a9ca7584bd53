import { gzipSync } from 'node:zlib'
import { buildBatch, compress, crc32c } from '@rivven/protocol'

// Batches that no producer would send: the malformed-input table, rows 26-29 and 40.

/** Of one record. */
export const smallBatch = (options: Partial<Parameters<typeof buildBatch>[0]> = {}) =>
  buildBatch({ records: [{ value: Buffer.from('v'), timestamp: Date.now() }], ...options })

/** Changes a batch and makes its checksum right again. */
function changed(change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(smallBatch())
  change(bytes)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

/** [row, what, bytes, codes that it may be answered with]; nothing of it is appended. */
export const badBatches: readonly [number, string, () => Buffer, readonly number[]][] = [
  [
    26,
    'a wrong CRC',
    () => {
      const bytes = Buffer.from(smallBatch())
      bytes[20]! ^= 1
      return bytes
    },
    [2],
  ],
  [
    26,
    'a negative length',
    () => {
      const bytes = Buffer.from(smallBatch())
      bytes.writeInt32BE(-1, 8)
      return bytes
    },
    [2],
  ],
  [
    26,
    'a length that is too short',
    () => {
      const bytes = Buffer.from(smallBatch())
      bytes.writeInt32BE(10, 8)
      return bytes
    },
    [2],
  ],
  [
    26,
    'a length that is too long',
    () => {
      const bytes = Buffer.from(smallBatch())
      bytes.writeInt32BE(bytes.length, 8)
      return bytes
    },
    [87],
  ],
  [
    27,
    'codec bits 5',
    () =>
      changed((bytes) => {
        bytes[22] = 5
      }),
    [2, 76, 87],
  ],
  [
    27,
    'compressed bytes that are none',
    () =>
      changed((bytes) => {
        bytes[22] = 1
      }),
    [2],
  ],
  [
    28,
    'magic 0',
    () => {
      const bytes = Buffer.from(smallBatch())
      bytes[16] = 0
      return bytes
    },
    [87],
  ],
  [
    28,
    'magic 3',
    () => {
      const bytes = Buffer.from(smallBatch())
      bytes[16] = 3
      return bytes
    },
    [2],
  ],
  [28, 'two batches', () => Buffer.concat([smallBatch(), smallBatch()]), [87]],
  [28, 'no records', () => Buffer.alloc(0), [87]],
  [
    28,
    'a record count of -1',
    () =>
      changed((bytes) => {
        bytes.writeInt32BE(-1, 57)
      }),
    [87],
  ],
  [
    28,
    'a record count of 2^31-1',
    () =>
      changed((bytes) => {
        bytes.writeInt32BE(0x7fffffff, 57)
      }),
    [87],
  ],
  [
    28,
    'a wrong last offset delta',
    () =>
      changed((bytes) => {
        bytes.writeInt32BE(5, 23)
      }),
    [87],
  ],
  [
    28,
    'the control bit',
    () =>
      changed((bytes) => {
        bytes[22]! |= 32
      }),
    [87],
  ],
  [
    29,
    'more than max.message.bytes',
    () => buildBatch({ records: [{ value: Buffer.alloc(1_100_000), timestamp: Date.now() }] }),
    [10],
  ],
  [
    40,
    'a producer id beyond 2^53',
    () =>
      changed((bytes) => {
        bytes.writeBigInt64BE(2n ** 60n, 43)
      }),
    [2, 42, 87],
  ],
  [
    40,
    'a timestamp beyond 2^53',
    () =>
      changed((bytes) => {
        bytes.writeBigInt64BE(2n ** 60n, 27)
        bytes.writeBigInt64BE(2n ** 60n, 35)
      }),
    [2, 32, 42, 87],
  ],
]
/** A batch of these compressed bytes. */
function compressedBatch(codec: number, data: Uint8Array): Buffer {
  const bytes = Buffer.concat([smallBatch().subarray(0, 61), data])
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes[22] = codec
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

/** By codec: gzip and lz4 really yield half a gigabyte; snappy and zstd claim gigabytes in their headers. */
export const bombs: Record<number, () => Buffer> = {
  1: () => compressedBatch(1, Buffer.concat(Array.from({ length: 16 }, () => gzipSync(Buffer.alloc(32 << 20))))),
  2: () => compressedBatch(2, Buffer.from('ffffffff07000000', 'hex')),
  3: () => compressedBatch(3, compress('lz4', Buffer.alloc(128 << 20))),
  4: () => compressedBatch(4, Buffer.from('28b52ffde40000000080020000fd07000000', 'hex')),
}
