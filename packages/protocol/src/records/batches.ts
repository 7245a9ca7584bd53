import { BATCH_HEADER_SIZE, BATCH_MAGIC_END, batchMagic, batchSize } from './batch-header.js'
import { RecordsError } from './records-error.js'

/**
 * The whole batches of fetched or stored bytes, as slices without copying; an incomplete one at the end is ignored, as
 * Fetch cuts its answer anywhere. CRCs are not checked. Throws RecordsError where the next batch cannot be found.
 */
export function* batchesOf(records: Buffer): Generator<Buffer, void, undefined> {
  let at = 0
  while (records.length - at >= BATCH_MAGIC_END) {
    const size = batchSize(records, at)
    const magic = batchMagic(records, at)
    if (magic !== 2)
      throw new RecordsError('corrupt', `Record batch of magic ${magic} at byte ${at}: only 2 is read here.`)
    if (size < BATCH_HEADER_SIZE) throw new RecordsError('corrupt', `Record batch of ${size} bytes at byte ${at}.`)
    if (size > records.length - at) return
    yield records.subarray(at, at + size)
    at += size
  }
}
