import { ErrorCode } from '@rivven/protocol'
import type { AppendResult } from '../partition-log.js'
import type { RefusedBatch } from './batch-refusal.js'

const NONE: AppendResult['recordErrors'] = []

export function appended(baseOffset: number, logAppendTimeMs: number, logStartOffset: number): AppendResult {
  return { errorCode: 0, errorMessage: null, recordErrors: NONE, baseOffset, logAppendTimeMs, logStartOffset }
}

export function notAppended(errorCode: number, errorMessage: string, logStartOffset: number): AppendResult {
  return { errorCode, errorMessage, recordErrors: NONE, baseOffset: -1, logAppendTimeMs: -1, logStartOffset }
}

/** What is found before the log is asked has no log start (data-plane.md §8.4). */
export function refused(refusal: RefusedBatch, logStartOffset: number): AppendResult {
  const start = refusal.isBeforeLog ? -1 : logStartOffset
  return { ...notAppended(refusal.errorCode, refusal.errorMessage, start), recordErrors: refusal.recordErrors }
}

/** More waits to be stored than there is room for: a producer tries again. */
export function storageIsBehind(logStartOffset: number): AppendResult {
  return notAppended(
    ErrorCode.NOT_ENOUGH_REPLICAS,
    'The storage is behind with what is to be appended.',
    logStartOffset,
  )
}

/** Nothing is known of what was on its way: the leader of today has it or not (cluster.md §9). */
export function leadershipLost(): AppendResult {
  return notAppended(ErrorCode.NOT_LEADER_OR_FOLLOWER, 'Another broker leads the partition now.', -1)
}

export function storageFailed(error: Error | undefined): AppendResult {
  const reason = error === undefined ? 'it was closed' : error.message
  return notAppended(ErrorCode.KAFKA_STORAGE_ERROR, `The partition cannot be written: ${reason}`, -1)
}
