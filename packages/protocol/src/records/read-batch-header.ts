import * as header from './batch-header.js'
import type { Codec } from './codec.js'

export interface BatchHeader {
  sizeInBytes: number
  baseOffset: number
  lastOffset: number
  lastOffsetDelta: number
  magic: number
  partitionLeaderEpoch: number
  crc: number
  attributes: number
  /** Undefined for the numbers 5-7. */
  codec: Codec | undefined
  timestampType: 'CreateTime' | 'LogAppendTime'
  /** As stored: with a delete horizon, the horizon. */
  baseTimestamp: number
  maxTimestamp: number
  producerId: number
  producerEpoch: number
  baseSequence: number
  lastSequence: number
  isTransactional: boolean
  isControl: boolean
  /** As claimed. */
  count: number
  deleteHorizonMs: number | undefined
}

/** All header fields of the batch that begins at `at`; for tools and tests, hot paths read single fields. */
export function readBatchHeader(buffer: Buffer, at = 0): BatchHeader {
  return {
    sizeInBytes: header.batchSize(buffer, at),
    baseOffset: header.batchBaseOffset(buffer, at),
    lastOffset: header.batchLastOffset(buffer, at),
    lastOffsetDelta: header.batchLastOffsetDelta(buffer, at),
    magic: header.batchMagic(buffer, at),
    partitionLeaderEpoch: header.batchLeaderEpoch(buffer, at),
    crc: header.batchCrc(buffer, at),
    attributes: header.batchAttributes(buffer, at),
    codec: header.batchCodec(buffer, at),
    timestampType: header.batchHasLogAppendTime(buffer, at) ? 'LogAppendTime' : 'CreateTime',
    baseTimestamp: header.batchBaseTimestamp(buffer, at),
    maxTimestamp: header.batchMaxTimestamp(buffer, at),
    producerId: header.batchProducerId(buffer, at),
    producerEpoch: header.batchProducerEpoch(buffer, at),
    baseSequence: header.batchBaseSequence(buffer, at),
    lastSequence: header.batchLastSequence(buffer, at),
    isTransactional: header.batchIsTransactional(buffer, at),
    isControl: header.batchIsControl(buffer, at),
    count: header.batchRecordCount(buffer, at),
    deleteHorizonMs: header.batchDeleteHorizon(buffer, at),
  }
}
