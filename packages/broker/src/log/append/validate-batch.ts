// Hot path: every produced batch. A good one is checked where it lies, without an object a record, and stored as it came
// (check-records has the figures).
import {
  ATTRIBUTE_LOG_APPEND_TIME,
  batchAttributes,
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCodec,
  batchHasLogAppendTime,
  batchIsControl,
  batchIsTransactional,
  batchLastOffsetDelta,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  borrowedSection,
  checkSection,
  DEFAULT_MAX_DECOMPRESSED_BYTES,
  ErrorCode,
  isBatchCrcRight,
  RecordReader,
  type RecordsCheck,
  RecordsError,
  type RecordsFault,
  returnSection,
  setBatchAttributes,
} from '@rivven/protocol'
import type { TopicLogConfig } from '../logs.js'
import { type RecordProblem, type RefusedBatch, refuse, refuseRecords } from './batch-refusal.js'
import { batchToStore } from './rewrite-batch.js'
import { takeBatch } from './take-batch.js'

export interface ValidationOptions {
  config: TopicLogConfig
  /** Version of the Produce request. */
  produceVersion: number
  /** The broker's clock, in ms since 1970. */
  now: number
  /** The most that compressed records may hold; more is MESSAGE_TOO_LARGE. Default: see `maxDecompressed`. */
  maxDecompressedBytes?: number
}

export interface AcceptedBatch {
  kind: 'accepted'
  /** What to store, but for base offset and leader epoch: the bytes that came (perhaps changed in place), or new ones. */
  batch: Buffer
  /** `now` on a LogAppendTime topic, else -1. */
  logAppendTimeMs: number
  /** Largest timestamp that readers will see. */
  maxTimestamp: number
  /** Offset delta of the first record that has it. */
  maxTimestampOffsetDelta: number
}

/**
 * All checks of a producer's batch that need no state, in Kafka's order and with its codes; then what the broker rewrites
 * (data-plane.md §8.1(3), §8.2, §8.3). Where Kafka answers -1 by accident, the answer is CORRUPT_MESSAGE for bytes that
 * do not decompress and INVALID_RECORD for records that make no sense.
 */
export function validateProducedBatch(
  records: Buffer | null,
  options: ValidationOptions,
): AcceptedBatch | RefusedBatch {
  const taken = takeBatch(records, options.produceVersion)
  if (!Buffer.isBuffer(taken)) return taken
  const refused = checkAsReceived(taken, options.config) ?? checkHeader(taken)
  if (refused) return refused
  const section = sectionOf(taken, options.maxDecompressedBytes ?? maxDecompressed(options.config))
  if (!Buffer.isBuffer(section)) return section
  try {
    const check = checkSection(section, batchRecordCount(taken), batchBaseTimestamp(taken))
    const bad = checkOfRecords(taken, check) ?? checkForTopic(taken, section, check, options)
    return bad ?? accept(taken, section, check, options)
  } finally {
    returnSection(taken, section)
  }
}

/** Whole batch as it came, compressed. */
function checkAsReceived(batch: Buffer, config: TopicLogConfig): RefusedBatch | undefined {
  if (batchBaseOffset(batch) !== 0) {
    return refuse(
      ErrorCode.INVALID_RECORD,
      `The base offset of a produced batch must be 0, not ${batchBaseOffset(batch)}.`,
    )
  }
  const tooLarge = checkSize(batch, config)
  if (tooLarge) return tooLarge
  return isBatchCrcRight(batch) ? undefined : refuse(ErrorCode.CORRUPT_MESSAGE, 'The CRC of the batch is wrong.')
}

function checkSize(batch: Buffer, config: TopicLogConfig): RefusedBatch | undefined {
  if (batch.length <= config.maxMessageBytes) return undefined
  return refuse(
    ErrorCode.MESSAGE_TOO_LARGE,
    `The batch has ${batch.length} bytes; max.message.bytes of the topic is ${config.maxMessageBytes}.`,
  )
}

function checkHeader(batch: Buffer): RefusedBatch | undefined {
  const problem = countProblem(batch) ?? producerProblem(batch)
  if (problem !== undefined) return refuse(ErrorCode.INVALID_RECORD, problem)
  if (batchCodec(batch) === undefined) return refuse(ErrorCode.CORRUPT_MESSAGE, 'The batch has an unknown codec.')
  return undefined
}

function countProblem(batch: Buffer): string | undefined {
  const count = batchRecordCount(batch)
  const lastOffsetDelta = batchLastOffsetDelta(batch)
  if (count <= 0) return `The batch claims ${count} records.`
  if (lastOffsetDelta + 1 !== count) return `The batch claims ${count} records and offsets up to ${lastOffsetDelta}.`
  return undefined
}

/** Kafka lets pass an id without epoch, an id below -1 and a transaction without id: nobody could ever read them rightly. */
function producerProblem(batch: Buffer): string | undefined {
  if (batchIsControl(batch)) return 'Clients may not write control batches.'
  const producerId = batchProducerId(batch)
  if (producerId < -1 || !Number.isSafeInteger(producerId)) return `The batch has producer id ${producerId}.`
  if (producerId === -1) return batchIsTransactional(batch) ? 'A transactional batch needs a producer id.' : undefined
  if (batchBaseSequence(batch) < 0) return `The batch of producer ${producerId} has no sequence.`
  if (batchProducerEpoch(batch) < 0) return `The batch of producer ${producerId} has no epoch.`
  return undefined
}

const codeOfFault: Record<RecordsFault, number> = {
  corrupt: ErrorCode.CORRUPT_MESSAGE,
  invalid: ErrorCode.INVALID_RECORD,
  tooLarge: ErrorCode.MESSAGE_TOO_LARGE,
  unavailable: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
}

const LEAST_MAX_DECOMPRESSED_BYTES = 32 * 1024 * 1024
const MAX_DECOMPRESSION = 32

/**
 * All of a batch lies in memory while its records are looked at, and nothing else is done meanwhile. Clients that fill batches
 * by what they are uncompressed stay far below; those that fill them by what they are compressed split what is too large.
 */
function maxDecompressed({ maxMessageBytes }: TopicLogConfig): number {
  const most = Math.min(maxMessageBytes * MAX_DECOMPRESSION, DEFAULT_MAX_DECOMPRESSED_BYTES)
  return Math.max(most, LEAST_MAX_DECOMPRESSED_BYTES)
}

function sectionOf(batch: Buffer, maxBytes: number): Buffer | RefusedBatch {
  return orRefused(() => borrowedSection(batch, { maxBytes }))
}

/** What `make` returns; a batch that its codec cannot read or write is refused. */
function orRefused<Made>(make: () => Made): Made | RefusedBatch {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    return refuse(codeOfFault[error.fault], error.message)
  }
}

function checkOfRecords(batch: Buffer, check: RecordsCheck): RefusedBatch | undefined {
  if (check.problem !== null) {
    return refuse(ErrorCode.INVALID_RECORD, `Record ${check.problemIndex} of the batch: ${check.problem}.`)
  }
  // An uncompressed batch may have its records out of order (Kafka stores it so), but no offset of another batch.
  if (check.lowestOffsetDelta < 0 || check.highestOffsetDelta > batchLastOffsetDelta(batch)) {
    return refuse(ErrorCode.INVALID_RECORD, 'The batch has records with offsets outside of it.')
  }
  if (batchCodec(batch) !== 'none' && !check.isSequential) {
    return refuse(ErrorCode.INVALID_RECORD, 'The offsets in a compressed batch must be 0, 1, 2 and so on.')
  }
  if (!areExact(batchBaseTimestamp(batch), check)) {
    return refuse(ErrorCode.INVALID_RECORD, 'The batch has timestamps beyond 2^53.')
  }
  return undefined
}

/** Whether timestamps fit into numbers: those beyond 2^53 are refused, never rounded. */
function areExact(baseTimestamp: number, { minTimestamp, maxTimestamp }: RecordsCheck): boolean {
  const isMinExact = minTimestamp === Infinity || Number.isSafeInteger(minTimestamp)
  return isMinExact && Number.isSafeInteger(maxTimestamp) && Number.isSafeInteger(baseTimestamp)
}

/** What depends on the topic; told record by record. Records are read only if one of them is bad. */
function checkForTopic(
  batch: Buffer,
  section: Buffer,
  check: RecordsCheck,
  { config, now }: ValidationOptions,
): RefusedBatch | undefined {
  const lacksKey = config.cleanupPolicy.compact && check.nullKeyCount > 0
  const isAppendTime = config.messageTimestampType === 'LogAppendTime'
  const claimsAppendTime = isAppendTime && batchHasLogAppendTime(batch)
  const earliest = now - config.messageTimestampBeforeMaxMs
  const latest = now + config.messageTimestampAfterMaxMs
  const isOutside = !isAppendTime && (check.minTimestamp < earliest || check.maxTimestamp > latest)
  if (!lacksKey && !claimsAppendTime && !isOutside) return undefined

  // On a CreateTime topic that attribute counts for nothing, so look at the records' own timestamps.
  setBatchAttributes(batch, batchAttributes(batch) & ~ATTRIBUTE_LOG_APPEND_TIME)
  return refuseRecords(new RecordReader(batch, section), ({ hasKey, timestamp }) => {
    if (lacksKey && !hasKey) return { message: 'A compacted topic takes no record without key.', isTimestamp: false }
    if (claimsAppendTime) return badTimestamp('A producer may not say that its timestamps are log append times.')
    if (!isOutside || timestamp === -1 || (timestamp >= earliest && timestamp <= latest)) return undefined
    return badTimestamp(`Timestamp ${timestamp} is not between ${earliest} and ${latest}.`)
  })
}

function badTimestamp(message: string): RecordProblem {
  return { message, isTimestamp: true }
}

function accept(
  received: Buffer,
  section: Buffer,
  check: RecordsCheck,
  options: ValidationOptions,
): AcceptedBatch | RefusedBatch {
  const { config, now } = options
  const isAppendTime = config.messageTimestampType === 'LogAppendTime'
  const maxTimestamp = isAppendTime ? now : check.maxTimestamp
  const batch = orRefused(() => batchToStore(received, { config, section, maxTimestamp }))
  if (!Buffer.isBuffer(batch)) return batch
  const tooLarge = batch === received ? undefined : checkSize(batch, config)
  return tooLarge ?? checkSegment(batch, config) ?? accepted(batch, check, isAppendTime ? now : undefined)
}

function checkSegment(batch: Buffer, config: TopicLogConfig): RefusedBatch | undefined {
  if (batch.length <= config.segmentBytes) return undefined
  return refuse(
    ErrorCode.RECORD_LIST_TOO_LARGE,
    `The batch has ${batch.length} bytes; segment.bytes of the topic is ${config.segmentBytes}.`,
  )
}

function accepted(batch: Buffer, check: RecordsCheck, appendTime: number | undefined): AcceptedBatch {
  const isAppendTime = appendTime !== undefined
  return {
    kind: 'accepted',
    batch,
    logAppendTimeMs: appendTime ?? -1,
    maxTimestamp: appendTime ?? check.maxTimestamp,
    // Of records with one time the first has the largest.
    maxTimestampOffsetDelta: isAppendTime ? 0 : check.maxTimestampOffsetDelta,
  }
}
