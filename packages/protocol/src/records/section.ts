import { BATCH_HEADER_SIZE, batchCodec, batchSize } from './batch-header.js'
import type { Codec } from './codec.js'
import {
  DEFAULT_MAX_DECOMPRESSED_BYTES,
  decompress,
  decompressBorrowed,
  returnBorrowed,
} from './compression/compression.js'
import { RecordsError } from './records-error.js'

export interface SectionOptions {
  /** The most that compressed records may decompress to. Default 128 MiB; RecordsError `tooLarge` beyond. */
  maxBytes?: number
}

/** The records of one whole batch, one after the other, decompressed: a slice of `batch` when they are not compressed. */
export function recordSection(batch: Buffer, options: SectionOptions = {}): Buffer {
  return decompress(checkedCodec(batch), sectionAsStored(batch), options.maxBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES)
}

/**
 * The same, but what is decompressed lies in memory that the next call for any batch writes to: for who looks at the
 * records at once, keeps none and calls `returnSection`.
 */
export function borrowedSection(batch: Buffer, options: SectionOptions = {}): Buffer {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES
  return decompressBorrowed(checkedCodec(batch), sectionAsStored(batch), maxBytes)
}

/** What was borrowed is not needed any more: memory that no other batch will use is free at once. */
export function returnSection(batch: Buffer, section: Buffer): void {
  if (section.buffer !== batch.buffer) returnBorrowed(section)
}

function sectionAsStored(batch: Buffer): Buffer {
  return batch.subarray(BATCH_HEADER_SIZE, batchSize(batch))
}

function checkedCodec(batch: Buffer): Codec {
  if (batch.length < BATCH_HEADER_SIZE || batchSize(batch) > batch.length || batchSize(batch) < BATCH_HEADER_SIZE) {
    throw new RecordsError('corrupt', `A record batch does not fit into its ${batch.length} bytes.`)
  }
  const codec = batchCodec(batch)
  if (codec === undefined) throw new RecordsError('corrupt', 'The record batch has an unknown codec.')
  return codec
}
