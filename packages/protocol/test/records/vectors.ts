import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LazyRecord, readBatchHeader, readRecords } from '../../src/index.js'

/** Batches made by Apache Kafka 4.3.1 and what Kafka reads from them; compiled tests lie in dist/test/records. */
export function recordVectors(name: string): VectorCase[] {
  const file = join(import.meta.dirname, `../../../test/vectors/records/${name}.json`)
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: VectorCase[] }).cases
}

export interface VectorBatch {
  baseOffset: number
  crc: number
  count: number
  records: VectorRecord[]
  recordsOf?: string
  position?: number
  sizeInBytes: number
  [field: string]: unknown
}

export interface VectorCase extends VectorBatch {
  name: string
  base64: string
  kafkaReads?: 'ok' | { error: number; message: string }
  batches: VectorBatch[]
}

export interface VectorRecord {
  offset: number
  timestamp: number
  key: string | null
  value: VectorBytes
  headers: { key: string; value: VectorBytes }[]
}

type VectorBytes = string | null | { length: number; sha256: string }

export function bytesOf(vector: { base64: string }): Buffer {
  return Buffer.from(vector.base64, 'base64')
}

/** A batch as the vectors describe it. */
export function describeBatch(batch: Buffer): Record<string, unknown> {
  const { lastOffsetDelta: _, deleteHorizonMs, ...header } = readBatchHeader(batch)
  const records = [...readRecords(batch)].map(describeRecord)
  return { ...header, ...(deleteHorizonMs === undefined ? {} : { deleteHorizonMs }), records }
}

function describeRecord(record: LazyRecord): VectorRecord {
  return {
    offset: record.offset,
    timestamp: record.timestamp,
    key: record.key === null ? null : record.key.toString('base64'),
    value: describeBytes(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: describeBytes(value) })),
  }
}

function describeBytes(bytes: Buffer | null): VectorBytes {
  if (bytes === null) return null
  if (bytes.length <= 10000) return bytes.toString('base64')
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** The fields of a case that `describeBatch` gives. */
export function expectedBatch(vector: VectorBatch): Record<string, unknown> {
  const { name, base64, recordsOf, controlType, controlTypeId, coordinatorEpoch, ...rest } = vector as Record<
    string,
    unknown
  >
  return rest
}
