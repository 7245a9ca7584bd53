import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  batchCodec,
  batchesOf,
  buildBatch,
  ErrorCode,
  isBatchCrcRight,
  readBatchHeader,
  readRecords,
  sealBatch,
  setBatchAttributes,
  setBatchBaseOffset,
  setBatchLeaderEpoch,
} from '@rivven/protocol'
import { validateProducedBatch } from '../../src/log/append/validate-batch.js'
import { configOf, type ProducedCase, recordVectors, topicConfig } from './record-vectors.js'

const now = 1700001000000

/** Cases that Kafka accepts or answers otherwise by accident: refused here, with the reason. */
const stricter: [RegExp, number, string][] = [
  [/offset deltas (5, 6, 7|-1, 0, 1)$/, 87, 'offsets outside of the batch would be other batches’ offsets'],
  [/transactional bit without producer id$/, 87, 'data that no marker can end'],
  [/producer id (without epoch|-2)$/, 87, 'no producer that the coordinator has made'],
  [/(key|value) length -2$/, 87, 'garbage'],
  [/^gzip: record body length (past the end|one too small)$/, 87, 'Kafka’s short cut for compressed records'],
  [/^gzip: a byte in the middle of the compressed section changed$/, 2, 'gzip has a checksum of its own'],
  [/^(none|gzip): batchLength 2147483647$/, 87, 'not all there'],
  [/^gzip: offset deltas/, 87, 'must be consecutive'],
  [/^none: varint of six bytes$/, 87, 'records that do not parse'],
  [/^records null$/, 87, 'nothing to append'],
]

/** What we answer: Kafka's code, or a better one. */
function expectedError({ name, kafkaAppends }: ProducedCase): number {
  const exception = stricter.find(([pattern]) => pattern.test(name))
  if (exception) return exception[1]
  return kafkaAppends.error === -1 ? ErrorCode.CORRUPT_MESSAGE : kafkaAppends.error
}

function validate({ base64, kafkaAppends }: ProducedCase) {
  const config = configOf(kafkaAppends.topicConfig)
  const records = base64 === null ? null : Buffer.from(base64, 'base64')
  return validateProducedBatch(records, { config, now, produceVersion: kafkaAppends.produceVersion })
}

for (const file of ['appended', 'damaged', 'foreign', 'legacy']) {
  for (const vector of recordVectors(file)) {
    test(`${file}: ${vector.name}: answered as Kafka does, or clearer`, () => {
      const outcome = validate(vector)
      const error = outcome.kind === 'refused' ? outcome.errorCode : 0
      assert.equal(error, expectedError(vector), outcome.kind === 'refused' ? outcome.errorMessage : 'accepted')
      if (outcome.kind === 'accepted') {
        assert.ok(isBatchCrcRight(outcome.batch))
        assert.equal(outcome.logAppendTimeMs, vector.kafkaAppends.logAppendTimeMs)
        assertStored(vector, outcome.batch)
      } else if (vector.kafkaAppends.recordErrors) {
        const positions = vector.kafkaAppends.recordErrors.map(({ batchIndex }) => batchIndex)
        assert.deepEqual(
          outcome.recordErrors.map(({ batchIndex }) => batchIndex),
          positions,
        )
      }
    })
  }
}

/** Equal bytes, or where we compressed ourselves, an equal header and equal records. */
function assertStored(vector: ProducedCase, batch: Buffer): void {
  if (vector.kafkaAppends.stored === undefined) return
  setBatchBaseOffset(batch, vector.kafkaAppends.baseOffset)
  setBatchLeaderEpoch(batch, 5)
  const stored = Buffer.from(vector.kafkaAppends.stored, 'base64')
  const [sent] = batchesOf(Buffer.from(vector.base64!, 'base64'))
  const isRecompressed = batchCodec(stored) !== batchCodec(sent!) && batchCodec(stored) !== 'none'
  if (!isRecompressed) assert.deepEqual(batch, stored)
  else assert.deepEqual(content(batch), content(stored))
}

function content(batch: Buffer): unknown[] {
  const { crc, sizeInBytes, ...header } = readBatchHeader(batch)
  const records = [...readRecords(batch)].map(({ offset, timestamp, key, value, headers }) => {
    return { offset, timestamp, key, value, headers }
  })
  return [header, records]
}

const records = [
  { key: 'a', value: '1', timestamp: now },
  { key: null, value: '2', timestamp: now + 5 },
]

function outcomeOf(batch: Buffer, changes: Parameters<typeof topicConfig>[0] = {}, limits = {}) {
  return validateProducedBatch(batch, { config: topicConfig(changes), now, produceVersion: 12, ...limits })
}

test('a good batch is stored in the bytes that it came in', () => {
  const batch = buildBatch({ records, codec: 'lz4' })
  const outcome = outcomeOf(batch)
  assert.equal(outcome.kind, 'accepted')
  assert.equal(outcome.kind === 'accepted' && outcome.batch.buffer, batch.buffer)
  assert.deepEqual(outcome.kind === 'accepted' && [outcome.maxTimestamp, outcome.maxTimestampOffsetDelta], [now + 5, 1])
})

test('a batch that must change its codec and timestamps does both', () => {
  const batch = buildBatch({ records, codec: 'snappy', producerId: 7, producerEpoch: 0, baseSequence: 3 })
  const outcome = outcomeOf(batch, { compressionType: 'zstd', messageTimestampType: 'LogAppendTime' })
  assert.equal(outcome.kind, 'accepted')
  if (outcome.kind !== 'accepted') return
  const header = readBatchHeader(outcome.batch)
  assert.ok(isBatchCrcRight(outcome.batch))
  assert.deepEqual([header.codec, header.timestampType, header.maxTimestamp], ['zstd', 'LogAppendTime', now])
  assert.deepEqual([header.producerId, header.baseSequence, header.count], [7, 3, 2])
})

test('a batch that is too large only after the broker has unpacked it is too large', () => {
  const batch = buildBatch({ records: [{ value: 'x'.repeat(5000), timestamp: now }], codec: 'gzip' })
  const outcome = outcomeOf(batch, { compressionType: 'uncompressed', maxMessageBytes: 1000 })
  assert.equal(outcome.kind === 'refused' && outcome.errorCode, ErrorCode.MESSAGE_TOO_LARGE)
})

test('records that unpack to more than the bound are refused as too large', () => {
  const batch = buildBatch({ records: [{ value: 'x'.repeat(50000), timestamp: now }], codec: 'zstd' })
  const outcome = outcomeOf(batch, {}, { maxDecompressedBytes: 10000 })
  assert.equal(outcome.kind === 'refused' && outcome.errorCode, ErrorCode.MESSAGE_TOO_LARGE)
})

test('records may unpack to 32 MiB, or to as often max.message.bytes where that is more', () => {
  const batch = buildBatch({ records: [{ value: Buffer.alloc(34_000_000), timestamp: now }], codec: 'gzip' })
  const refused = outcomeOf(batch, { maxMessageBytes: 1_000_000 })
  assert.equal(refused.kind === 'refused' && refused.errorCode, ErrorCode.MESSAGE_TOO_LARGE)
  assert.equal(outcomeOf(batch, { maxMessageBytes: 1_100_000 }).kind, 'accepted')
})

test('where one record lacks its key and another has a bad timestamp, both are told and the timestamp names the error', () => {
  const batch = buildBatch({ records: [...records, { key: 'c', timestamp: now + 7200000 }] })
  const outcome = outcomeOf(batch, { cleanupPolicy: { compact: true, delete: false } })
  assert.equal(outcome.kind === 'refused' && outcome.errorCode, ErrorCode.INVALID_TIMESTAMP)
  assert.deepEqual(outcome.kind === 'refused' && outcome.recordErrors.map(({ batchIndex }) => batchIndex), [1, 2])
})

test('the log append time bit does not hide a bad timestamp on a CreateTime topic', () => {
  const batch = buildBatch({ records: [{ timestamp: now + 7200000 }], maxTimestamp: now, hasLogAppendTime: true })
  const outcome = outcomeOf(batch)
  assert.equal(outcome.kind === 'refused' && outcome.errorCode, ErrorCode.INVALID_TIMESTAMP)
  assert.equal(outcome.kind === 'refused' && outcome.recordErrors.length, 1)
})

test('timestamps beyond 2^53 are refused, never rounded', () => {
  const batch = buildBatch({ records: [{ timestamp: now }] })
  batch.writeBigInt64BE(2n ** 60n, 27)
  sealBatch(batch)
  const outcome = outcomeOf(batch, { messageTimestampType: 'LogAppendTime' })
  assert.equal(outcome.kind === 'refused' && outcome.errorCode, ErrorCode.INVALID_RECORD)
})

test('an answer to what was found in the request has no log start offset, one of the log has', () => {
  const control = buildBatch({ records })
  setBatchAttributes(control, 0x20)
  sealBatch(control)
  const inLog = outcomeOf(control)
  assert.deepEqual(inLog.kind === 'refused' && [inLog.errorCode, inLog.isBeforeLog], [ErrorCode.INVALID_RECORD, false])
  const twice = outcomeOf(Buffer.concat([buildBatch({ records }), buildBatch({ records })]))
  assert.deepEqual(twice.kind === 'refused' && [twice.errorCode, twice.isBeforeLog], [ErrorCode.INVALID_RECORD, true])
})

for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
  test(`${codec}: a batch with any one byte flipped is refused or means the same`, () => {
    const good = buildBatch({ records, codec })
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good)
      bad[at]! ^= 0xff
      const outcome = outcomeOf(bad)
      // Only the leader epoch is neither checked nor covered by the CRC: the log writes its own.
      assert.equal(outcome.kind, at >= 12 && at < 16 ? 'accepted' : 'refused', `byte ${at}`)
      if (at >= 21) sealBatch(bad)
      outcomeOf(bad)
    }
  })
}
