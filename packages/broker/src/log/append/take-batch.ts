import {
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  BATCH_PREFIX_SIZE,
  batchCodec,
  batchMagic,
  batchSize,
  ErrorCode,
} from '@rivven/protocol'
import { type RefusedBatch, refuseRequest } from './batch-refusal.js'

/** Less than this no message of any version has behind its length. */
const SMALLEST_LENGTH = 14
const NEWEST_MAGIC = 2
const ZSTD_SINCE = 7

/**
 * The one batch of a Produce request (data-plane.md §8.1(3)): checks what can be seen without a log. Part of a batch
 * behind it is dropped, as Kafka does.
 */
export function takeBatch(records: Buffer | null, produceVersion: number): Buffer | RefusedBatch {
  const size = sizeOfNext(records, 0)
  if (typeof size === 'object') return size
  if (size === undefined || records === null) {
    return invalid(`Produce version ${produceVersion} needs a whole record batch for each partition.`)
  }
  const next = sizeOfNext(records, size)
  if (typeof next === 'object') return next
  if (next !== undefined) return invalid('A Produce request may have only one record batch for each partition.')
  return checkFormat(records.subarray(0, size), produceVersion)
}

/** Size of the batch at `at`, undefined if it is not all there. */
function sizeOfNext(records: Buffer | null, at: number): number | RefusedBatch | undefined {
  if (records === null || records.length - at < BATCH_PREFIX_SIZE) return undefined
  const size = batchSize(records, at)
  if (size < BATCH_PREFIX_SIZE + SMALLEST_LENGTH) return corrupt(`A record batch of ${size} bytes is not possible.`)
  if (records.length - at < BATCH_MAGIC_END) return undefined
  const magic = batchMagic(records, at)
  if (magic < 0 || magic > NEWEST_MAGIC) return corrupt(`There is no record batch of magic ${magic}.`)
  return records.length - at < size ? undefined : size
}

function checkFormat(batch: Buffer, produceVersion: number): Buffer | RefusedBatch {
  if (batchMagic(batch) !== NEWEST_MAGIC) return invalid('Only record batches of magic 2 can be produced.')
  if (batch.length < BATCH_HEADER_SIZE) return corrupt(`A record batch of ${batch.length} bytes is not possible.`)
  if (batchCodec(batch) === 'zstd' && produceVersion < ZSTD_SINCE) {
    return refuseRequest(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, `zstd needs Produce version ${ZSTD_SINCE}.`)
  }
  return batch
}

function invalid(message: string): RefusedBatch {
  return refuseRequest(ErrorCode.INVALID_RECORD, message)
}

function corrupt(message: string): RefusedBatch {
  return refuseRequest(ErrorCode.CORRUPT_MESSAGE, message)
}
