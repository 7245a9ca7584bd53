import { type LegacyRecord, type RecordHeader, readLegacySet } from '@rivven/protocol'
import type { BatchReader, RawRecord } from './consumer-record.js'

/** Reads a message of magic 0 or 1 with all that is compressed in it, as old logs hold them. */
export function legacyReader(message: Buffer): BatchReader {
  const records = readLegacySet(message).flatMap((batch) => batch.records)
  let next = 0
  return {
    get isAtEnd() {
      return next >= records.length
    },
    read: () => (next < records.length ? asRecord(records[next++]!) : undefined),
  }
}

function asRecord(record: LegacyRecord): RawRecord {
  const { key, value } = record
  const headers: RecordHeader[] = []
  const size = (key?.length ?? 0) + (value?.length ?? 0)
  return { ...record, headers, size }
}
