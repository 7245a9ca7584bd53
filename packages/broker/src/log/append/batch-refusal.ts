import { ErrorCode, type LazyRecord, type RecordReader } from '@rivven/protocol'

export interface RefusedBatch {
  kind: 'refused'
  errorCode: number
  errorMessage: string
  recordErrors: { batchIndex: number; batchIndexErrorMessage: string | null }[]
  /** Found in the request, before the log was asked: the answer then has no logStartOffset (data-plane.md §8.4). */
  isBeforeLog: boolean
}

/** Records of 7 bytes would be answered with ten times as much: the rest of a batch that is this bad is not told. */
const MAX_RECORD_ERRORS = 1000

export function refuse(errorCode: number, errorMessage: string): RefusedBatch {
  const isBeforeLog = errorCode === ErrorCode.CORRUPT_MESSAGE || errorCode === ErrorCode.MESSAGE_TOO_LARGE
  return { kind: 'refused', errorCode, errorMessage, recordErrors: [], isBeforeLog }
}

export function refuseRequest(errorCode: number, errorMessage: string): RefusedBatch {
  return { ...refuse(errorCode, errorMessage), isBeforeLog: true }
}

/**
 * Refuses a batch for single records of it: `problemOf` tells what is wrong with one. Kafka answers INVALID_TIMESTAMP
 * where any timestamp is bad, else INVALID_RECORD.
 */
export function refuseRecords(
  records: RecordReader,
  problemOf: (record: LazyRecord) => RecordProblem | undefined,
): RefusedBatch {
  const recordErrors: RefusedBatch['recordErrors'] = []
  let errorCode: number = ErrorCode.INVALID_RECORD
  let batchIndex = -1
  for (const record of records) {
    batchIndex++
    const problem = problemOf(record)
    if (problem === undefined) continue
    if (problem.isTimestamp) errorCode = ErrorCode.INVALID_TIMESTAMP
    recordErrors.push({ batchIndex, batchIndexErrorMessage: problem.message })
    if (recordErrors.length === MAX_RECORD_ERRORS) break
  }
  const errorMessage = `${recordErrors.length} records of the batch are refused; first: ${recordErrors[0]?.batchIndexErrorMessage}`
  return { ...refuse(errorCode, errorMessage), recordErrors }
}

export interface RecordProblem {
  message: string
  isTimestamp: boolean
}
