import {
  AbortedFilter,
  batchBaseOffset,
  batchesOf,
  batchIsControl,
  batchNextOffset,
  ErrorCode,
  type LazyRecord,
  RecordsError,
  readRecords,
} from '@rivven/protocol'
import type { Breath } from '../../breath.js'
import type { PartitionLog, ReadResult } from '../../log/partition-log.js'
import { type Problem, problemOf } from '../problem.js'
import { type RecordRow, rowOf } from './record-shapes.js'
import type { ScanBudget } from './scan-budget.js'

/** What is read at a time, and what a batch may decompress to. */
const readBytes = 1024 * 1024
const mostDecompressed = 64 * 1024 * 1024

export interface ScanOptions {
  readonly log: PartitionLog
  readonly budget: ScanBudget
  readonly breath: Breath
  /** Beyond the last stable offset, too? */
  readonly isUncommitted: boolean
  /** Records of aborted transactions and markers, too? */
  readonly showsAll: boolean
  isWanted(record: LazyRecord): boolean
}

interface Range {
  readonly from: number
  /** Behind the last offset. */
  readonly to: number
  /** Records at most. */
  readonly limit: number
}

export interface Scanned {
  readonly rows: RecordRow[]
  /** Where to read on. */
  readonly next: number
}

/** The wanted records of a range, in order, as far as the budget goes. */
export async function scan(options: ScanOptions, { from, to, limit }: Range): Promise<Scanned | Problem> {
  const { log, budget, isUncommitted } = options
  const rows: RecordRow[] = []
  let next = Math.max(from, log.logStartOffset)
  while (rows.length < limit && budget.spent === undefined) {
    const end = Math.min(to, isUncommitted ? log.highWatermark : log.lastStableOffset)
    if (next >= end) break
    const isStable = next < log.lastStableOffset
    const request = { offset: next, maxBytes: readBytes, atLeastOne: true }
    const read = await log.read({ ...request, isolation: isStable ? 'committed' : 'uncommitted' })
    const passed = passedBy(read)
    if (passed !== undefined && passed > next) {
      next = passed
      continue
    }
    if (read.errorCode !== ErrorCode.NONE)
      return problemOf(read.errorCode, `Partition ${log.partition} cannot be read.`)
    const reached = await readOn(options, read, { from: next, to: end, limit }, rows)
    if (reached <= next) break
    next = reached
  }
  return { rows, next }
}

/** What is damaged, or is gone meanwhile, is passed over. */
function passedBy({ errorCode, damagedUntil, logStartOffset }: ReadResult): number | undefined {
  if (errorCode === ErrorCode.CORRUPT_MESSAGE) return damagedUntil
  return errorCode === ErrorCode.OFFSET_OUT_OF_RANGE ? logStartOffset : undefined
}

/** Adds to `rows`; where it has come to. */
async function readOn(
  options: ScanOptions,
  { records, abortedTransactions }: ReadResult,
  range: Range,
  rows: RecordRow[],
): Promise<number> {
  const { budget, breath } = options
  const filter = new AbortedFilter(abortedTransactions ?? [])
  let reached = range.from
  for (const buffer of records) {
    for (const batch of batchesOf(buffer)) {
      if (batchBaseOffset(batch) >= range.to) return range.to
      budget.read(batch.length)
      reached = readBatch(options, { batch, mark: markOf(batch, filter) }, range, rows)
      if (rows.length >= range.limit || budget.spent !== undefined) return reached
      if (breath.isDue) await breath.take()
    }
  }
  return reached
}

function markOf(batch: Buffer, filter: AbortedFilter): RecordRow['mark'] {
  const isAborted = filter.isAborted(batch)
  if (batchIsControl(batch)) return 'control'
  return isAborted ? 'aborted' : null
}

function readBatch(
  { log, budget, showsAll, isWanted }: ScanOptions,
  { batch, mark }: { batch: Buffer; mark: RecordRow['mark'] },
  { from, to, limit }: Range,
  rows: RecordRow[],
): number {
  const end = batchNextOffset(batch)
  if (mark !== null && !showsAll) return end
  try {
    for (const record of readRecords(batch, { maxBytes: mostDecompressed })) {
      if (record.offset < from) continue
      if (record.offset >= to || rows.length >= limit) return record.offset
      if (budget.spent !== undefined) return record.offset
      budget.scanned += 1
      if (!isWanted(record)) continue
      rows.push(rowOf(log.partition, record, mark))
      budget.told(Math.min(record.size, 8192) + 256)
    }
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    budget.unreadable += 1
  }
  return end
}
