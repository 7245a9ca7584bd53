import { crc32 } from 'node:zlib'
import { readInt64 } from './batch-header.js'
import { type Codec, codecOf } from './codec.js'
import { DEFAULT_MAX_DECOMPRESSED_BYTES, decompress } from './compression/compression.js'
import { decompressLz4 } from './compression/lz4.js'
import { Output } from './compression/output.js'
import { RecordsError } from './records-error.js'
import type { SectionOptions } from './section.js'

// Message sets of magic 0 and 1, before Kafka 0.11: only old logs hold them, so they are read and never written.
// Message: int64 offset, int32 size, then crc-32, magic, attributes, int64 timestamp (magic 1), key, value. A compressed
// message holds a message set in its value; its own offset is that of the last message inside (KIP-31, KIP-32).
const ENTRY_PREFIX = 12
const SMALLEST_MESSAGE = 14
const ATTRIBUTE_LOG_APPEND_TIME = 0x08

export interface LegacyRecord {
  offset: number
  /** -1 in magic 0. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
}

/** One message of the outer set with the records it holds: itself, or those compressed in it. */
export interface LegacyBatch {
  sizeInBytes: number
  baseOffset: number
  lastOffset: number
  magic: 0 | 1
  codec: Codec
  timestampType: 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'
  maxTimestamp: number
  records: LegacyRecord[]
}

interface Message extends LegacyRecord {
  magic: 0 | 1
  attributes: number
  end: number
}

/**
 * Reads a message set of magic 0 or 1, as it lies in old logs; an incomplete message at the end is ignored. Throws
 * RecordsError for anything else that is not sound, CRCs included.
 */
export function readLegacySet(set: Buffer, options: SectionOptions = {}): LegacyBatch[] {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
  const batches: LegacyBatch[] = []
  for (let at = 0; ; ) {
    const message = readMessage(set, at)
    if (message === undefined) return batches
    batches.push(batchOf(message, message.end - at, maxBytes))
    at = message.end
  }
}

function readMessage(set: Buffer, at: number): Message | undefined {
  if (set.length - at < ENTRY_PREFIX) return undefined
  const size = set.readInt32BE(at + 8)
  if (size < SMALLEST_MESSAGE) throw new RecordsError('corrupt', `A message of ${size} bytes.`)
  const start = at + ENTRY_PREFIX
  const end = start + size
  if (end > set.length) return undefined
  const magic = set.readInt8(start + 4)
  if (magic !== 0 && magic !== 1)
    throw new RecordsError('corrupt', `A message of magic ${magic} in an old message set.`)
  if (crc32(set.subarray(start + 4, end)) !== set.readUInt32BE(start)) {
    throw new RecordsError('corrupt', 'The CRC of a message is wrong.')
  }
  const hasTimestamp = magic === 1
  if (hasTimestamp && size < SMALLEST_MESSAGE + 8) throw new RecordsError('corrupt', `A message of ${size} bytes.`)
  const key = readField(set, start + (hasTimestamp ? 14 : 6), end)
  const value = readField(set, key.end, end)
  return {
    offset: readInt64(set, at),
    timestamp: hasTimestamp ? readInt64(set, start + 6) : -1,
    key: key.data,
    value: value.data,
    magic,
    attributes: set.readInt8(start + 5),
    end,
  }
}

function readField(set: Buffer, at: number, limit: number): { data: Buffer | null; end: number } {
  const length = limit - at < 4 ? Number.NaN : set.readInt32BE(at)
  if (length === -1) return { data: null, end: at + 4 }
  const end = at + 4 + length
  if (!(length >= 0 && end <= limit)) throw new RecordsError('invalid', 'A key or value ends after its message.')
  return { data: set.subarray(at + 4, end), end }
}

function batchOf(message: Message, sizeInBytes: number, maxBytes: number): LegacyBatch {
  const codec = codecOf(message.attributes)
  if (codec === undefined || codec === 'zstd') throw new RecordsError('corrupt', 'A message has an unknown codec.')
  const records = codec === 'none' ? [recordOf(message)] : innerRecords(message, codec, maxBytes)
  return {
    sizeInBytes,
    baseOffset: records[0]!.offset,
    lastOffset: message.offset,
    magic: message.magic,
    codec,
    timestampType: timestampTypeOf(message),
    maxTimestamp: message.timestamp,
    records,
  }
}

function innerRecords(wrapper: Message, codec: Codec, maxBytes: number): LegacyRecord[] {
  if (wrapper.value === null) throw new RecordsError('invalid', 'A compressed message without a value.')
  const inner = readInner(decompressInner(wrapper, codec, maxBytes), wrapper.magic)
  const last = inner.at(-1)
  if (last === undefined) throw new RecordsError('invalid', 'A compressed message with nothing in it.')
  // Inside magic 1 offsets count from the first; the wrapper has the last one as it is in the log.
  const shift = wrapper.magic === 1 ? wrapper.offset - last.offset : 0
  const isAppendTime = timestampTypeOf(wrapper) === 'LogAppendTime'
  return inner.map((message) => ({
    ...recordOf(message),
    offset: message.offset + shift,
    timestamp: isAppendTime ? wrapper.timestamp : message.timestamp,
  }))
}

function decompressInner(wrapper: Message, codec: Codec, maxBytes: number): Buffer {
  const isOldLz4 = codec === 'lz4' && wrapper.magic === 0
  return isOldLz4
    ? decompressLz4(wrapper.value!, maxBytes, new Output(), true)
    : decompress(codec, wrapper.value!, maxBytes)
}

function readInner(set: Buffer, magic: number): Message[] {
  const messages: Message[] = []
  for (let at = 0; at < set.length; ) {
    const message = readMessage(set, at)
    if (message === undefined || message.magic !== magic || (message.attributes & 7) !== 0) {
      throw new RecordsError('invalid', 'A compressed message holds something else than plain messages.')
    }
    messages.push(message)
    at = message.end
  }
  return messages
}

function recordOf({ offset, timestamp, key, value }: Message): LegacyRecord {
  return { offset, timestamp, key, value }
}

function timestampTypeOf({ magic, attributes }: Message): LegacyBatch['timestampType'] {
  if (magic === 0) return 'NoTimestampType'
  return attributes & ATTRIBUTE_LOG_APPEND_TIME ? 'LogAppendTime' : 'CreateTime'
}
