import { BATCH_HEADER_SIZE, batchCodec, batchSize } from './batch-header.js'
import { DEFAULT_MAX_DECOMPRESSED_BYTES, decompress } from './compression/compression.js'
import { RecordsError } from './records-error.js'

export interface SectionOptions {
  /** The most that compressed records may decompress to. Default 128 MiB; RecordsError `tooLarge` beyond. */
  maxBytes?: number
}

/** The records of one whole batch, one after the other, decompressed: a slice of `batch` when they are not compressed. */
export function recordSection(batch: Buffer, options: SectionOptions = {}): Buffer {
  if (batch.length < BATCH_HEADER_SIZE || batchSize(batch) > batch.length || batchSize(batch) < BATCH_HEADER_SIZE) {
    throw new RecordsError('corrupt', `A record batch does not fit into its ${batch.length} bytes.`)
  }
  const codec = batchCodec(batch)
  if (codec === undefined) throw new RecordsError('corrupt', 'The record batch has an unknown codec.')
  const section = batch.subarray(BATCH_HEADER_SIZE, batchSize(batch))
  return decompress(codec, section, options.maxBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES)
}
