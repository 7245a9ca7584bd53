import { ErrorCode, type LaterBytes, type RecordData } from '@rivven/protocol'
import type { PartitionView, ReadResult } from '../log/partition-log.js'
import type { FetchTarget, FetchWish } from './fetch-target.js'

export type Isolation = 'uncommitted' | 'committed'

/** One partition of an answer, in the fields of the protocol, with what it weighs. */
export interface PartitionAnswer {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly divergingEpoch?: { readonly epoch: number; readonly endOffset: number }
  readonly abortedTransactions: { producerId: number; firstOffset: number }[] | null
  readonly records: RecordData
  /** The same as `records` where it is still to be read. */
  readonly later: LaterBytes | undefined
  /** Bytes of records. */
  readonly size: number
  /** An answer that holds it is sent at once: an error of reading, or a diverging epoch (data-plane.md §9.1). */
  readonly isUrgent: boolean
}

export interface ReadLimits {
  readonly maxBytes: number
  readonly atLeastOne: boolean
  /** So many bytes of the answer may lie in memory; the others are read while they are sent. */
  readonly mayHold: number
  readonly isolation: Isolation
}

const noRecords: readonly Buffer[] = []

/** Reads one partition up to a limit; synchronously where the log has it in memory. */
export function readPartition(target: FetchTarget, limits: ReadLimits): PartitionAnswer | Promise<PartitionAnswer> {
  const { wish, log } = target
  if (!log) return unread(wish, target.missing, false)
  const epochFault = leaderEpochFault(log, wish.currentLeaderEpoch)
  if (epochFault !== ErrorCode.NONE) return failed(wish, epochFault, limits.isolation, true)
  if (wish.lastFetchedEpoch >= 0) {
    const diverged = divergence(log, wish, limits.isolation)
    if (diverged) return diverged
  }
  const maxBytes = Math.max(0, Math.min(wish.maxBytes, limits.maxBytes))
  const { atLeastOne, isolation, mayHold } = limits
  const result = log.read({ offset: wish.fetchOffset, maxBytes, atLeastOne, isolation, mayHold })
  if (result instanceof Promise) return result.then((read) => answerOf(wish, read, isolation))
  return answerOf(wish, result, isolation)
}

/** One that is not looked at. Kafka's list of aborted transactions is then empty, whether one was asked for or not. */
export function unread(wish: FetchWish, errorCode: number, isUrgent: boolean): PartitionAnswer {
  return failed(wish, errorCode, 'committed', isUrgent)
}

/** A partition without records because of an error. */
export function failed(wish: FetchWish, errorCode: number, isolation: Isolation, isUrgent: boolean): PartitionAnswer {
  return {
    partitionIndex: wish.partition,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: isolation === 'committed' ? [] : null,
    records: noRecords,
    later: undefined,
    size: 0,
    isUrgent,
  }
}

function answerOf(wish: FetchWish, read: ReadResult, isolation: Isolation): PartitionAnswer {
  if (read.errorCode !== ErrorCode.NONE) return failed(wish, read.errorCode, isolation, true)
  return {
    partitionIndex: wish.partition,
    errorCode: ErrorCode.NONE,
    highWatermark: read.highWatermark,
    lastStableOffset: read.lastStableOffset,
    logStartOffset: read.logStartOffset,
    abortedTransactions: read.abortedTransactions,
    records: read.later ? [read.later] : read.records,
    later: read.later,
    size: read.size,
    isUrgent: false,
  }
}

/** KIP-320. Any negative epoch skips the check in Fetch. */
function leaderEpochFault(log: PartitionView, epoch: number): number {
  if (epoch < 0 || epoch === log.leaderEpoch) return ErrorCode.NONE
  return epoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}

/** KIP-595: does the client's last record belong to another history than ours? data-plane.md §9.3 */
function divergence(log: PartitionView, wish: FetchWish, isolation: Isolation): PartitionAnswer | undefined {
  if (!log.isReadable) return failed(wish, ErrorCode.KAFKA_STORAGE_ERROR, isolation, true)
  const end = log.endOffsetForEpoch(wish.lastFetchedEpoch)
  if (end.leaderEpoch < 0 || end.endOffset < 0) return failed(wish, ErrorCode.OFFSET_OUT_OF_RANGE, isolation, true)
  if (end.leaderEpoch >= wish.lastFetchedEpoch && end.endOffset >= wish.fetchOffset) return undefined
  return {
    ...failed(wish, ErrorCode.NONE, isolation, true),
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.logStartOffset,
    divergingEpoch: { epoch: end.leaderEpoch, endOffset: end.endOffset },
  }
}
