import { ErrorCode } from '@rivven/protocol'
import type { ReadResult } from './partition-log.js'

export function readFailed(): ReadResult {
  const unknown = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1, abortedTransactions: null }
  return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, records: [], size: 0, ...unknown }
}

export function outOfRange(logStartOffset: number): ReadResult {
  return { ...readFailed(), errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, logStartOffset }
}
