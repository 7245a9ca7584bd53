import {
  batchesOf,
  batchLeaderEpoch,
  batchMaxTimestamp,
  isBatchCrcRight,
  type LazyRecord,
  readRecords,
} from '@rivven/protocol'
import type { PartitionStore, StoredBatches } from '../storage/storage.js'
import { StoredRangeError } from '../storage/stored-range-error.js'
import type { TimestampedOffset } from './partition-log.js'

const CHUNK_BYTES = 1_048_576

/** The lowest offset at or after `fromOffset` with a timestamp at or after `timestamp` (data-plane.md §15.4). */
export async function findTimestamp(
  store: PartitionStore,
  timestamp: number,
  fromOffset: number,
): Promise<TimestampedOffset | undefined> {
  const start = await store.offsetBeforeTimestamp(timestamp)
  if (start === undefined) return undefined
  let offset = Math.max(start, fromOffset)
  while (offset < store.writtenOffset) {
    const chunk = await readChunk(store, offset, CHUNK_BYTES)
    if (chunk.size === 0 && chunk.nextOffset <= offset) return undefined
    for (const buffer of chunk.buffers) {
      const found = firstRecord(buffer, timestamp, (r) => r.timestamp >= timestamp && r.offset >= fromOffset)
      if (found) return found
    }
    offset = chunk.nextOffset
  }
  return undefined
}

/** The first record that has the largest timestamp of all. */
export async function findMaxTimestamp(store: PartitionStore): Promise<TimestampedOffset | undefined> {
  let best = store.segments[0]
  for (const segment of store.segments) if (segment.maxTimestamp > best!.maxTimestamp) best = segment
  if (best === undefined || best.maxTimestamp < 0) return undefined
  const { maxTimestamp, maxTimestampOffset } = best
  const chunk = await readChunk(store, maxTimestampOffset, 1)
  const batch = chunk.buffers[0]
  return batch && firstRecord(batch, maxTimestamp, (record) => record.timestamp >= maxTimestamp)
}

/** What is damaged is passed over. */
async function readChunk(store: PartitionStore, offset: number, maxBytes: number): Promise<StoredBatches> {
  try {
    return await store.read({ offset, maxBytes, endOffset: store.writtenOffset, atLeastOne: true })
  } catch (error) {
    if (error instanceof StoredRangeError) return { buffers: [], size: 0, nextOffset: error.toOffset }
    throw error
  }
}

function firstRecord(
  batches: Buffer,
  timestamp: number,
  matches: (record: LazyRecord) => boolean,
): TimestampedOffset | undefined {
  for (const batch of batchesOf(batches)) {
    if (batchMaxTimestamp(batch) < timestamp || !isBatchCrcRight(batch)) continue
    for (const record of readRecords(batch, { maxBytes: Infinity })) {
      const leaderEpoch = batchLeaderEpoch(batch)
      if (matches(record)) return { offset: record.offset, timestamp: record.timestamp, leaderEpoch }
    }
  }
  return undefined
}
