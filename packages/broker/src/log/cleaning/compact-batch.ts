import {
  BatchBuilder,
  type BatchOptions,
  batchDeleteHorizon,
  buildEmptyBatch,
  type LazyRecord,
  type RecordToWrite,
  readBatchHeader,
  readRecords,
} from '@rivven/protocol'

export interface Compaction {
  /** Whether this record stays. */
  keeps: (record: LazyRecord) => boolean
  /**
   * Until when tombstones and markers of this pass stay, in ms since 1970: stamped on the batch if it keeps a tombstone or
   * is a control batch, and has no horizon yet. For control batches only to be given once their transaction has no data
   * left. Default: not stamped.
   */
  deleteHorizonMs?: number
  /** Leave an empty batch where no record stays: the last of a producer, the last of a pass. Default false. */
  keepsEmpty?: boolean
  /** The most that compressed records may hold. Default: unlimited, as they were checked when they came in. */
  maxDecompressedBytes?: number
}

export interface CompactedBatch {
  /** The batch to store in its place: the same object if nothing changed; null: nothing stays. */
  batch: Buffer | null
  recordsKept: number
  recordsRemoved: number
}

/**
 * One batch after compaction (data-plane.md §15.3). Offsets and timestamps of what stays do not change, nor what the
 * header says of base offset, last offset, leader epoch, producer and sequence.
 */
export function compactBatch(batch: Buffer, compaction: Compaction): CompactedBatch {
  const kept: LazyRecord[] = []
  let total = 0
  for (const record of readRecords(batch, { maxBytes: compaction.maxDecompressedBytes ?? Infinity })) {
    total++
    if (compaction.keeps(record)) kept.push(record)
  }
  return {
    batch: kept.length === 0 ? withoutRecords(batch, compaction) : withRecords(batch, kept, total, compaction),
    recordsKept: kept.length,
    recordsRemoved: total - kept.length,
  }
}

function withoutRecords(batch: Buffer, { keepsEmpty }: Compaction): Buffer | null {
  if (!keepsEmpty) return null
  const { maxTimestamp, count } = readBatchHeader(batch)
  return count === 0 ? batch : buildEmptyBatch({ ...headerOf(batch), maxTimestamp })
}

function withRecords(batch: Buffer, kept: LazyRecord[], total: number, compaction: Compaction): Buffer {
  const header = readBatchHeader(batch)
  const needsHorizon = header.isControl || kept.some((record) => !record.hasValue)
  const horizon = batchDeleteHorizon(batch) ?? (needsHorizon ? compaction.deleteHorizonMs : undefined)
  if (kept.length === total && horizon === batchDeleteHorizon(batch)) return batch
  // Deltas count from the horizon once it stands in place of the base timestamp.
  const builder = new BatchBuilder(horizon === undefined ? {} : { baseTimestamp: horizon })
  for (const record of kept) builder.append(rewritten(record, header.baseOffset))
  return builder.build({
    ...headerOf(batch),
    codec: header.codec!, // Undefined codecs have not been read.
    hasDeleteHorizon: horizon !== undefined,
    ...(header.timestampType === 'LogAppendTime' ? { maxTimestamp: header.maxTimestamp } : {}),
  })
}

function rewritten(record: LazyRecord, baseOffset: number): RecordToWrite {
  const { key, value, headers, timestamp, offset } = record
  return { key, value, headers, timestamp, offsetDelta: offset - baseOffset }
}

function headerOf(batch: Buffer): BatchOptions & { lastOffsetDelta: number } {
  const header = readBatchHeader(batch)
  const { baseOffset, lastOffsetDelta, partitionLeaderEpoch, producerId, producerEpoch, baseSequence } = header
  const { isTransactional, isControl } = header
  const hasLogAppendTime = header.timestampType === 'LogAppendTime'
  return {
    ...{ baseOffset, lastOffsetDelta, partitionLeaderEpoch, producerId, producerEpoch, baseSequence },
    ...{ isTransactional, isControl, hasLogAppendTime },
  }
}
