import { batchIsControl } from './batch-header.js'
import { buildBatch } from './build-batch.js'
import { type LazyRecord, readRecords } from './read-records.js'
import { RecordsError } from './records-error.js'

/** Control records, at the place of their number. */
const controlTypes = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
] as const

export type ControlType = (typeof controlTypes)[number] | 'UNKNOWN'

export interface ControlRecord {
  /** UNKNOWN: of a later Kafka; readers pass over it. */
  type: ControlType
  typeId: number
  /** Of the coordinator that ended the transaction; only COMMIT and ABORT have it. */
  coordinatorEpoch: number | undefined
}

export interface Marker {
  type: 'COMMIT' | 'ABORT'
  producerId: number
  producerEpoch: number
  coordinatorEpoch: number
  /** In ms since 1970. */
  timestamp: number
  /** Default 0: the log gives it. */
  baseOffset?: number
  /** Default -1: the log gives it. */
  partitionLeaderEpoch?: number
}

/** The batch that ends a transaction: one record, 78 bytes, one offset. */
export function buildControlBatch(marker: Marker): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(controlTypes.indexOf(marker.type), 2)
  const value = Buffer.alloc(6)
  value.writeInt32BE(marker.coordinatorEpoch, 2)
  return buildBatch({
    ...marker,
    records: [{ key, value, timestamp: marker.timestamp }],
    isTransactional: true,
    isControl: true,
  })
}

/** What the record of a control batch says. Throws RecordsError if it is none. */
export function readControlRecord(record: LazyRecord): ControlRecord {
  const key = record.key
  if (key === null || key.length < 4) throw new RecordsError('invalid', 'A control record without its type.')
  const version = key.readInt16BE(0)
  if (version < 0) throw new RecordsError('invalid', `A control record of version ${version}.`)
  const typeId = key.readInt16BE(2)
  return { type: controlTypes[typeId] ?? 'UNKNOWN', typeId, coordinatorEpoch: coordinatorEpochOf(record, typeId) }
}

/** The same for a whole control batch, or undefined if it is not one or compaction has emptied it. */
export function controlRecordOf(batch: Buffer): ControlRecord | undefined {
  if (!batchIsControl(batch)) return undefined
  const record = readRecords(batch).read()
  return record && readControlRecord(record)
}

/** Versions may add fields behind; those of version 0 stay where they are. */
function coordinatorEpochOf(record: LazyRecord, typeId: number): number | undefined {
  if (typeId !== 0 && typeId !== 1) return undefined
  const value = record.value
  if (value === null || value.length < 6) throw new RecordsError('invalid', 'A transaction marker without its value.')
  return value.readInt32BE(2)
}
