import { ErrorCode } from '@rivven/protocol'
import type { ReadResult } from './partition-log.js'

export function readFailed(): ReadResult {
  const unknown = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1, abortedTransactions: null }
  return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, records: [], size: 0, ...unknown }
}

export function readLost(): ReadResult {
  return { ...readFailed(), errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }
}

/** What holds the offset is damaged or missing: reading may go on at `damagedUntil`. */
export function readDamaged(damagedUntil: number): ReadResult {
  return { ...readFailed(), errorCode: ErrorCode.CORRUPT_MESSAGE, damagedUntil }
}

export function outOfRange(logStartOffset: number): ReadResult {
  return { ...readFailed(), errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, logStartOffset }
}
