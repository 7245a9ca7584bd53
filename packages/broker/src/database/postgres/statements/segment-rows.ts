import type { SegmentRow } from '../../log-tables.js'

const columns = {
  seg_id: 'bigint',
  part_id: 'int',
  chunk: 'int',
  base_offset: 'bigint',
  next_offset: 'bigint',
  size: 'bigint',
  batches: 'int',
  largest: 'int',
  first_ts: 'bigint',
  max_ts: 'bigint',
  max_ts_offset: 'bigint',
  created_at: 'bigint',
  modified_at: 'bigint',
} as const

type Column = keyof typeof columns

export const COLUMNS = Object.keys(columns).join(', ')

/** As json_to_recordset takes it. */
export const TYPED_COLUMNS = Object.entries(columns)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')

/** What may change of a segment that is there. */
export const NEW_FACTS = Object.keys(columns)
  .filter((name) => !['seg_id', 'part_id', 'chunk', 'base_offset', 'created_at'].includes(name))
  .map((name) => `${name} = n.${name}`)
  .join(', ')

export function recordOf(row: SegmentRow): Record<Column, number> {
  return {
    seg_id: row.segmentId,
    part_id: row.partId,
    chunk: row.chunk,
    base_offset: row.baseOffset,
    next_offset: row.nextOffset,
    size: row.size,
    batches: row.batches,
    largest: row.largest,
    first_ts: row.firstTimestamp,
    max_ts: row.maxTimestamp,
    max_ts_offset: row.maxTimestampOffset,
    created_at: row.createdAt,
    modified_at: row.modifiedAt,
  }
}

export function segmentRow(record: Record<Column, number>): SegmentRow {
  return {
    segmentId: record.seg_id,
    partId: record.part_id,
    chunk: record.chunk,
    baseOffset: record.base_offset,
    nextOffset: record.next_offset,
    size: record.size,
    batches: record.batches,
    largest: record.largest,
    firstTimestamp: record.first_ts,
    maxTimestamp: record.max_ts,
    maxTimestampOffset: record.max_ts_offset,
    createdAt: record.created_at,
    modifiedAt: record.modified_at,
  }
}
