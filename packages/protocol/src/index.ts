export {
  ATTRIBUTE_CONTROL,
  ATTRIBUTE_DELETE_HORIZON,
  ATTRIBUTE_LOG_APPEND_TIME,
  ATTRIBUTE_TRANSACTIONAL,
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  BATCH_PREFIX_SIZE,
  batchAttributes,
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCodec,
  batchCrc,
  batchDeleteHorizon,
  batchHasLogAppendTime,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchLastOffsetDelta,
  batchLastSequence,
  batchLeaderEpoch,
  batchMagic,
  batchMaxTimestamp,
  batchNextOffset,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  batchSize,
  computeBatchCrc,
  isBatchCrcRight,
  sealBatch,
  setBatchAttributes,
  setBatchBaseOffset,
  setBatchLeaderEpoch,
  setBatchMaxTimestamp,
} from './records/batch-header.js'
export { batchesOf } from './records/batches.js'
export {
  BatchBuilder,
  type BatchBuilderOptions,
  type BatchOptions,
  buildBatch,
  buildEmptyBatch,
  type HeaderToWrite,
  type RecordToWrite,
} from './records/build-batch.js'
export { checkRecords, checkSection, type RecordsCheck } from './records/check-records.js'
export { type Codec, codecNumber, codecOf, codecs } from './records/codec.js'
export { compress, DEFAULT_MAX_DECOMPRESSED_BYTES, decompress } from './records/compression/compression.js'
export {
  buildControlBatch,
  type ControlRecord,
  type ControlType,
  controlRecordOf,
  type Marker,
  readControlRecord,
} from './records/control-batch.js'
export { crc32c } from './records/crc32c.js'
export { type LegacyBatch, type LegacyRecord, readLegacySet } from './records/legacy.js'
export { type BatchHeader, readBatchHeader } from './records/read-batch-header.js'
export { LazyRecord, type RecordHeader, RecordReader, readRecords } from './records/read-records.js'
export { RecordsError, type RecordsFault } from './records/records-error.js'
export { recordSection, type SectionOptions } from './records/section.js'
