import {
  batchBaseOffset,
  batchesOf,
  batchIsControl,
  batchLastOffset,
  batchLastOffsetDelta,
  batchProducerId,
  batchRecordCount,
  readRecords,
} from '@rivven/protocol'
import type { PartitionStore, StoredBatches } from '../../storage/storage.js'
import { StoredRangeError } from '../../storage/stored-range-error.js'
import type { AbortedTransactions } from '../state/aborted-transactions.js'
import type { PartitionState } from '../state/partition-state.js'
import { type Arrival, arrivalBounds, arrivalOf, arrivalWithin, middleOf } from './arrival.js'

/** Where a reader stands, and what it reads. */
export interface ReaderPlace {
  readonly offset: number
  readonly isolation: 'committed' | 'uncommitted'
}

/** What a reader has yet to get. Markers, aborted records and what compaction has left empty hold nobody up. */
export type Waiting =
  /** Nothing, of all that lies before `end`. */
  | { readonly kind: 'nothing'; readonly end: number }
  | { readonly kind: 'batch'; readonly baseOffset: number; readonly arrival: Arrival }

/** What of a log tells for what its readers wait. */
export interface WaitedLog {
  readonly logStartOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly state: PartitionState
  readonly aborted: AbortedTransactions
  readonly store: PartitionStore
}

/** Beyond so many batches that hold nobody up, or so many bytes of them, the next one counts as one that does. */
const mostBatches = 1_000
const mostBytes = 16 * 1024 * 1024
const readBytes = 64 * 1024

/** From memory alone; undefined: only a look at what is stored would tell. */
export function waitingNow(log: WaitedLog, place: ReaderPlace, now: number): Waiting | undefined {
  const { start, end } = rangeOf(log, place)
  const nothing = nothingIn(log, start, end)
  if (nothing) return nothing
  if (mayHide(log, start)) return undefined
  const arrival = arrivalWithin(boundsOf(log, start, now), now)
  return arrival && { kind: 'batch', baseOffset: start, arrival }
}

/** The same, by the middle of what is known where that is little. */
export function guessWaiting(log: WaitedLog, place: ReaderPlace, now: number): Waiting {
  const { start, end } = rangeOf(log, place)
  const arrival = middleOf(boundsOf(log, start, now))
  return nothingIn(log, start, end) ?? { kind: 'batch', baseOffset: start, arrival }
}

/** By the headers of the batches that lie there. Rejects where the storage fails. */
export async function lookForWaiting(log: WaitedLog, place: ReaderPlace, now: number): Promise<Waiting> {
  const { start, end } = rangeOf(log, place)
  const left = { batches: mostBatches, bytes: mostBytes }
  for (let offset = start; offset < end; ) {
    const nothing = nothingIn(log, offset, end)
    if (nothing) return nothing
    const read = await readFrom(log.store, offset, end)
    if (read === 'damaged') return { kind: 'batch', baseOffset: offset, arrival: middleOf(boundsOf(log, offset, now)) }
    if (read.size === 0) break
    for (const batch of read.buffers.flatMap((buffer) => [...batchesOf(buffer)])) {
      const baseOffset = batchBaseOffset(batch)
      left.batches -= 1
      left.bytes -= batch.length
      const holdsUp = left.batches < 0 || left.bytes < 0 || isFor(log, { ...place, offset: start }, batch)
      if (holdsUp) return { kind: 'batch', baseOffset, arrival: arrivalOf(batch, boundsOf(log, baseOffset, now)) }
    }
    offset = read.nextOffset
  }
  return { kind: 'nothing', end }
}

function rangeOf(log: WaitedLog, { offset, isolation }: ReaderPlace): { start: number; end: number } {
  const start = Math.max(offset, log.logStartOffset)
  return { start, end: isolation === 'committed' ? log.lastStableOffset : log.highWatermark }
}

/** Known without a look: the reader has all there is, or nothing but markers is behind it. */
function nothingIn(log: WaitedLog, start: number, end: number): Waiting | undefined {
  const { from, to } = log.state.markers
  const isAtEnd = start >= end || (start >= from && end <= to)
  return isAtEnd ? { kind: 'nothing', end } : undefined
}

/** Behind the offset may be batches that hold nobody up, with others behind these. */
function mayHide({ state }: WaitedLog, start: number): boolean {
  return start < state.markers.to || start < state.cleanedOffset
}

function boundsOf(log: WaitedLog, baseOffset: number, now: number) {
  return arrivalBounds({ clock: log.state.clock, segments: log.store.segments }, baseOffset, now)
}

async function readFrom(store: PartitionStore, offset: number, endOffset: number): Promise<StoredBatches | 'damaged'> {
  try {
    return await store.peek({ offset, endOffset, maxBytes: readBytes, atLeastOne: true })
  } catch (error) {
    if (error instanceof StoredRangeError) return 'damaged'
    throw error
  }
}

/** Has the batch something for this reader? */
function isFor({ aborted }: WaitedLog, { offset, isolation }: ReaderPlace, batch: Buffer): boolean {
  if (batchIsControl(batch) || !hasRecordFrom(batch, offset)) return false
  return isolation === 'uncommitted' || !aborted.has(batchProducerId(batch), batchBaseOffset(batch))
}

function hasRecordFrom(batch: Buffer, offset: number): boolean {
  const count = batchRecordCount(batch)
  if (count === 0 || batchLastOffset(batch) < offset) return false
  const isWhole = count === batchLastOffsetDelta(batch) + 1
  if (isWhole || batchBaseOffset(batch) >= offset) return true
  // Compaction leaves the last offset of a batch as it was, whatever records are gone.
  for (const record of readRecords(batch, { maxBytes: Infinity })) if (record.offset >= offset) return true
  return false
}
