// Hot path: called for every accepted batch; most go out as they came, without a byte touched.
import {
  ATTRIBUTE_LOG_APPEND_TIME,
  BATCH_HEADER_SIZE,
  BATCH_PREFIX_SIZE,
  batchAttributes,
  batchCodec,
  batchMaxTimestamp,
  type Codec,
  codecNumber,
  compress,
  sealBatch,
  setBatchAttributes,
  setBatchMaxTimestamp,
} from '@rivven/protocol'
import type { TopicLogConfig } from '../logs.js'

export interface Rewriting {
  config: TopicLogConfig
  /** The records of the batch, decompressed. */
  section: Buffer
  /** What the header must say: the append time, or the largest timestamp of the records. */
  maxTimestamp: number
}

/**
 * Makes of a sound batch the one to store (data-plane.md §8.3): timestamp type and maxTimestamp as the topic wants them,
 * in place; a new batch only if the topic wants another codec. The CRC is right again afterwards.
 */
export function batchToStore(received: Buffer, { config, section, maxTimestamp }: Rewriting): Buffer {
  const codec = codecOfTopic(config) ?? batchCodec(received)!
  const isRecoded = codec !== batchCodec(received)
  const batch = isRecoded ? recoded(received, section, codec) : received
  const isAppendTime = config.messageTimestampType === 'LogAppendTime'
  const attributes = batchAttributes(batch)
  const wanted = isAppendTime ? attributes | ATTRIBUTE_LOG_APPEND_TIME : attributes & ~ATTRIBUTE_LOG_APPEND_TIME
  if (!isRecoded && attributes === wanted && batchMaxTimestamp(batch) === maxTimestamp) return batch
  setBatchAttributes(batch, wanted)
  setBatchMaxTimestamp(batch, maxTimestamp)
  sealBatch(batch)
  return batch
}

/** Undefined: whatever the producer took. */
function codecOfTopic({ compressionType }: TopicLogConfig): Codec | undefined {
  if (compressionType === 'producer') return undefined
  return compressionType === 'uncompressed' ? 'none' : compressionType
}

/** The same records in another codec; they keep their bytes, so offsets, timestamps and headers stay what they were. */
function recoded(received: Buffer, section: Buffer, codec: Codec): Buffer {
  const compressed = compress(codec, section)
  const batch = Buffer.allocUnsafe(BATCH_HEADER_SIZE + compressed.length)
  received.copy(batch, 0, 0, BATCH_HEADER_SIZE)
  compressed.copy(batch, BATCH_HEADER_SIZE)
  batch.writeInt32BE(batch.length - BATCH_PREFIX_SIZE, 8)
  setBatchAttributes(batch, (batchAttributes(batch) & ~7) | codecNumber(codec))
  return batch
}
