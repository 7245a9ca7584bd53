// Hot path: runs for every partition of a fetch.
import { ErrorCode } from '@rivven/protocol'
import type { PartitionStore, StoredBatches } from '../storage/storage.js'
import { StoredRangeError } from '../storage/stored-range-error.js'
import type { ReadRequest, ReadResult } from './partition-log.js'
import { outOfRange, readDamaged, readFailed } from './read-results.js'
import type { AbortedTransactions } from './state/aborted-transactions.js'

/** What of a log says how far it can be read, and what of it counts. */
export interface ReadableLog {
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly aborted: AbortedTransactions
}

/** Whole batches from the one that holds the offset on, as far as this reader may see. */
export function readLog(
  log: ReadableLog,
  store: PartitionStore,
  request: ReadRequest,
): ReadResult | Promise<ReadResult> {
  const { offset, maxBytes, atLeastOne, mayHold } = request
  if (offset < log.logStartOffset || offset > log.logEndOffset) return outOfRange(log.logStartOffset)
  const endOffset = endFor(log, store, request)
  if (offset >= endOffset) {
    store.awaited()
    return resultOf(log, request, { buffers: [], size: 0, nextOffset: endOffset })
  }
  const stored = store.read({ offset, endOffset, maxBytes, atLeastOne, mayHold })
  if (!(stored instanceof Promise)) return resultOf(log, request, stored)
  return stored.then(
    (batches) => resultOf(log, request, batches),
    (error) => (error instanceof StoredRangeError ? readDamaged(error.toOffset) : readFailed()),
  )
}

function endFor(log: ReadableLog, store: PartitionStore, { isolation }: ReadRequest): number {
  if (isolation === 'all') return store.writtenOffset
  return isolation === 'committed' ? log.lastStableOffset : log.highWatermark
}

function resultOf(log: ReadableLog, { offset, isolation }: ReadRequest, stored: StoredBatches): ReadResult {
  const { highWatermark, lastStableOffset, logStartOffset } = log
  const end = stored.size > 0 ? stored.nextOffset : lastStableOffset
  return {
    errorCode: ErrorCode.NONE,
    records: stored.buffers,
    later: stored.later,
    size: stored.size,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    abortedTransactions: isolation === 'committed' ? log.aborted.overlapping(offset, end) : null,
  }
}
