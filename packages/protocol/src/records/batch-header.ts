// Hot path: header fields are read where they lie, without an object: 4 ns a field against 190 for readBatchHeader
// (bench/micro/records.mjs). Layout: record batch v2, offsets as in Kafka's message format documentation.
import { type Codec, codecOf } from './codec.js'
import { crc32c } from './crc32c.js'

/** Size of a batch without records; the record section starts here. */
export const BATCH_HEADER_SIZE = 61
/** Offset and length field in front; `batchLength` counts what follows them. */
export const BATCH_PREFIX_SIZE = 12
/** So many bytes tell base offset, length and magic, in every version of the format. */
export const BATCH_MAGIC_END = 17

export const ATTRIBUTE_LOG_APPEND_TIME = 0x08
export const ATTRIBUTE_TRANSACTIONAL = 0x10
export const ATTRIBUTE_CONTROL = 0x20
export const ATTRIBUTE_DELETE_HORIZON = 0x40

const CRC_AT = 17
const CRC_START = 21
const TWO_32 = 4294967296

/** An int64 as number; exact within ±(2^53-1), and a value beyond that stays beyond it. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4)
}

export function writeInt64(buffer: Buffer, value: number, at: number): void {
  buffer.writeInt32BE(Math.floor(value / TWO_32), at)
  buffer.writeUInt32BE(value - Math.floor(value / TWO_32) * TWO_32, at + 4)
}

/** `at` is where the batch begins in the buffer; here and in all accessors below. */
export function batchBaseOffset(buffer: Buffer, at = 0): number {
  return readInt64(buffer, at)
}

/** The whole batch in bytes, its 12 bytes in front included; what size limits count. */
export function batchSize(buffer: Buffer, at = 0): number {
  return buffer.readInt32BE(at + 8) + BATCH_PREFIX_SIZE
}

export function batchLeaderEpoch(buffer: Buffer, at = 0): number {
  return buffer.readInt32BE(at + 12)
}

export function batchMagic(buffer: Buffer, at = 0): number {
  return buffer.readInt8(at + 16)
}

export function batchCrc(buffer: Buffer, at = 0): number {
  return buffer.readUInt32BE(at + CRC_AT)
}

export function batchAttributes(buffer: Buffer, at = 0): number {
  return buffer.readInt16BE(at + 21)
}

export function batchCodec(buffer: Buffer, at = 0): Codec | undefined {
  return codecOf(batchAttributes(buffer, at))
}

export function batchLastOffsetDelta(buffer: Buffer, at = 0): number {
  return buffer.readInt32BE(at + 23)
}

export function batchLastOffset(buffer: Buffer, at = 0): number {
  return batchBaseOffset(buffer, at) + batchLastOffsetDelta(buffer, at)
}

/** Where to read on after this batch, whatever records compaction has left in it. */
export function batchNextOffset(buffer: Buffer, at = 0): number {
  return batchLastOffset(buffer, at) + 1
}

/** The header field: timestamp that deltas count from, or the delete horizon if that attribute is set. */
export function batchBaseTimestamp(buffer: Buffer, at = 0): number {
  return readInt64(buffer, at + 27)
}

export function batchMaxTimestamp(buffer: Buffer, at = 0): number {
  return readInt64(buffer, at + 35)
}

/** When tombstones and markers of this batch may go, in ms since 1970, or undefined if compaction has not said yet. */
export function batchDeleteHorizon(buffer: Buffer, at = 0): number | undefined {
  return batchAttributes(buffer, at) & ATTRIBUTE_DELETE_HORIZON ? batchBaseTimestamp(buffer, at) : undefined
}

/** -1: the producer is not idempotent. */
export function batchProducerId(buffer: Buffer, at = 0): number {
  return readInt64(buffer, at + 43)
}

export function batchProducerEpoch(buffer: Buffer, at = 0): number {
  return buffer.readInt16BE(at + 51)
}

export function batchBaseSequence(buffer: Buffer, at = 0): number {
  return buffer.readInt32BE(at + 53)
}

/** The sequence of the last record; sequences wrap from 2^31-1 to 0. -1 without sequences. */
export function batchLastSequence(buffer: Buffer, at = 0): number {
  const base = batchBaseSequence(buffer, at)
  return base < 0 ? -1 : (base + batchLastOffsetDelta(buffer, at)) & 0x7fffffff
}

/** As claimed by the header: never a size to allocate. */
export function batchRecordCount(buffer: Buffer, at = 0): number {
  return buffer.readInt32BE(at + 57)
}

export function batchIsTransactional(buffer: Buffer, at = 0): boolean {
  return (batchAttributes(buffer, at) & ATTRIBUTE_TRANSACTIONAL) !== 0
}

export function batchIsControl(buffer: Buffer, at = 0): boolean {
  return (batchAttributes(buffer, at) & ATTRIBUTE_CONTROL) !== 0
}

export function batchHasLogAppendTime(buffer: Buffer, at = 0): boolean {
  return (batchAttributes(buffer, at) & ATTRIBUTE_LOG_APPEND_TIME) !== 0
}

/** Lies outside the CRC. */
export function setBatchBaseOffset(buffer: Buffer, offset: number, at = 0): void {
  writeInt64(buffer, offset, at)
}

/** Lies outside the CRC. */
export function setBatchLeaderEpoch(buffer: Buffer, epoch: number, at = 0): void {
  buffer.writeInt32BE(epoch, at + 12)
}

/** Call `sealBatch` afterwards. */
export function setBatchAttributes(buffer: Buffer, attributes: number, at = 0): void {
  buffer.writeInt16BE(attributes, at + 21)
}

/** Call `sealBatch` afterwards. */
export function setBatchMaxTimestamp(buffer: Buffer, timestamp: number, at = 0): void {
  writeInt64(buffer, timestamp, at + 35)
}

export function computeBatchCrc(buffer: Buffer, at = 0): number {
  return crc32c(buffer.subarray(at + CRC_START, at + batchSize(buffer, at)))
}

/** Whether the bytes are the ones that the writer of the batch summed up. */
export function isBatchCrcRight(buffer: Buffer, at = 0): boolean {
  return computeBatchCrc(buffer, at) === batchCrc(buffer, at)
}

/** Writes the CRC over attributes to end: after every change there. */
export function sealBatch(buffer: Buffer, at = 0): void {
  buffer.writeUInt32BE(computeBatchCrc(buffer, at), at + CRC_AT)
}
