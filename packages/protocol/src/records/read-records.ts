// Hot path: consumers read every record here. One small object a record; key, value and headers are made when asked for:
// 25 ns a record untouched, 62 with its value, 105 with everything (bench/micro/records.mjs).
import {
  batchBaseOffset,
  batchBaseTimestamp,
  batchHasLogAppendTime,
  batchMaxTimestamp,
  batchRecordCount,
} from './batch-header.js'
import { RecordsError } from './records-error.js'
import { recordSection, type SectionOptions } from './section.js'
import { skipHeaders } from './skip-headers.js'
import { readVarint, readVarlong, varintEnd } from './varint.js'

export interface RecordHeader {
  key: string
  value: Buffer | null
}

/** A record where it lies: `key`, `value` and `headers` are slices made at each access, so keep what you read twice. */
export class LazyRecord {
  readonly offset: number
  /** In ms since 1970, -1 if it has none; under log append time, the time of the append. */
  readonly timestamp: number
  private readonly bytes: Buffer
  private readonly keyAt: number
  private readonly keyLength: number
  private readonly valueAt: number
  private readonly valueLength: number

  constructor(
    bytes: Buffer,
    offset: number,
    timestamp: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
  ) {
    this.offset = offset
    this.timestamp = timestamp
    this.bytes = bytes
    this.keyAt = keyAt
    this.keyLength = keyLength
    this.valueAt = valueAt
    this.valueLength = valueLength
  }

  get key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyLength)
  }

  get value(): Buffer | null {
    return this.valueLength < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueLength)
  }

  /** In the order they were written; a key may stand there more than once. */
  get headers(): RecordHeader[] {
    return readHeaders(this.bytes, this.valueAt + Math.max(0, this.valueLength))
  }

  get hasKey(): boolean {
    return this.keyLength >= 0
  }

  /** False: a tombstone. */
  get hasValue(): boolean {
    return this.valueLength >= 0
  }

  /** Bytes of key and value. */
  get size(): number {
    return Math.max(0, this.keyLength) + Math.max(0, this.valueLength)
  }
}

/**
 * The records of one whole batch, read as you go; control records too (see readControlRecord). The CRC is not checked.
 * Any negative length reads as null, as in Kafka, which stores such records; a broker refuses them (checkRecords).
 * Throws RecordsError: at once if the batch does not decompress, in the loop at the first bad record, at its end if
 * bytes are left over.
 */
export function readRecords(batch: Buffer, options?: SectionOptions): RecordReader {
  return new RecordReader(batch, recordSection(batch, options))
}

export class RecordReader implements IterableIterator<LazyRecord, undefined> {
  /** As the header claims; the section cannot hold more than one record in 7 bytes. */
  readonly count: number
  private readonly bytes: Buffer
  private readonly baseOffset: number
  private readonly baseTimestamp: number
  private readonly hasLogAppendTime: boolean
  private readonly maxTimestamp: number
  private at = 0
  private index = 0

  constructor(batch: Buffer, section: Buffer) {
    this.bytes = section
    this.count = batchRecordCount(batch)
    this.baseOffset = batchBaseOffset(batch)
    this.baseTimestamp = batchBaseTimestamp(batch)
    this.hasLogAppendTime = batchHasLogAppendTime(batch)
    this.maxTimestamp = batchMaxTimestamp(batch)
    if (this.count < 0) throw new RecordsError('invalid', `A record batch claims ${this.count} records.`)
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<LazyRecord, undefined> {
    const record = this.read()
    return record === undefined ? { done: true, value: undefined } : { done: false, value: record }
  }

  /** Nothing follows, not even bytes that should not be there. */
  get isAtEnd(): boolean {
    return this.index >= this.count && this.at >= this.bytes.length
  }

  /** The next record, undefined after the last. */
  read(): LazyRecord | undefined {
    if (this.index >= this.count) return this.finish()
    const bytes = this.bytes
    const length = readVarint(bytes, this.at, bytes.length)
    let at = varintEnd
    const end = at + length
    if (at < 0 || length < 6 || end > bytes.length) return this.refuse('does not fit into its batch')

    const timestamp = readVarlong(bytes, at + 1, end)
    if (varintEnd < 0) return this.refuse('has no timestamp')
    const offset = readVarint(bytes, varintEnd, end)
    if (varintEnd < 0) return this.refuse('has no offset')
    const keyLength = readVarint(bytes, varintEnd, end)
    const keyAt = varintEnd
    if (keyAt < 0 || keyLength > end - keyAt) return this.refuse('has a bad key')
    const valueLength = readVarint(bytes, keyLength > 0 ? keyAt + keyLength : keyAt, end)
    const valueAt = varintEnd
    if (valueAt < 0 || valueLength > end - valueAt) return this.refuse('has a bad value')
    at = valueLength > 0 ? valueAt + valueLength : valueAt
    at = at < end && bytes[at] === 0 ? at + 1 : skipHeaders(bytes, at, end)
    if (at !== end) return this.refuse('has bad headers or another length than it says')

    this.at = end
    this.index++
    const time = this.hasLogAppendTime ? this.maxTimestamp : this.baseTimestamp + timestamp
    return new LazyRecord(bytes, this.baseOffset + offset, time, keyAt, keyLength, valueAt, valueLength)
  }

  private finish(): undefined {
    if (this.at < this.bytes.length) {
      throw new RecordsError('invalid', `${this.bytes.length - this.at} bytes behind the last record of a batch.`)
    }
    return undefined
  }

  private refuse(what: string): never {
    throw new RecordsError(
      'invalid',
      `Record ${this.index} of ${this.count} of the batch at offset ${this.baseOffset} ${what}.`,
    )
  }
}

/** The walk to this record has checked its headers. */
function readHeaders(bytes: Buffer, start: number): RecordHeader[] {
  const count = readVarint(bytes, start, bytes.length)
  const headers: RecordHeader[] = []
  let at = varintEnd
  for (let index = 0; index < count; index++) {
    const keyLength = readVarint(bytes, at, bytes.length)
    const keyAt = varintEnd
    const valueLength = readVarint(bytes, keyAt + keyLength, bytes.length)
    const valueAt = varintEnd
    at = valueAt + Math.max(0, valueLength)
    headers.push({
      key: bytes.toString('utf8', keyAt, keyAt + keyLength),
      value: valueLength < 0 ? null : bytes.subarray(valueAt, at),
    })
  }
  return headers
}
