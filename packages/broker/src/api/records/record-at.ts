import { batchesOf, ErrorCode, type LazyRecord, RecordsError, readRecords } from '@rivven/protocol'
import type { Breath } from '../../breath.js'
import type { PartitionLog } from '../../log/partition-log.js'
import { Problem, problemOf } from '../problem.js'

/** The record at an offset, of whatever transaction; undefined: there is none. */
export async function recordAt(
  log: PartitionLog,
  offset: number,
  breath: Breath,
): Promise<LazyRecord | undefined | Problem> {
  if (offset >= log.highWatermark) return undefined
  const read = await log.read({ offset, maxBytes: 1, atLeastOne: true, isolation: 'uncommitted' })
  if (read.errorCode !== ErrorCode.NONE)
    return problemOf(read.errorCode, `Partition ${log.partition} cannot be read at ${offset}.`)
  if (breath.isDue) await breath.take()
  try {
    for (const buffer of read.records) {
      for (const batch of batchesOf(buffer)) {
        for (const record of readRecords(batch)) if (record.offset === offset) return record
      }
    }
    return undefined
  } catch (error) {
    if (error instanceof RecordsError) return new Problem('STORAGE_ERROR', `What is at ${offset} cannot be read.`)
    throw error
  }
}
