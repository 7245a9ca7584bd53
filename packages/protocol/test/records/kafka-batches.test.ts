import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BATCH_HEADER_SIZE,
  batchesOf,
  checkRecords,
  crc32c,
  isBatchCrcRight,
  RecordsError,
  readLegacySet,
  readRecords,
} from '../../src/index.js'
import { bytesOf, describeBatch, expectedBatch, recordVectors } from './vectors.js'

for (const file of ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'control', 'compacted']) {
  const vectors = recordVectors(file)
  for (const vector of vectors) {
    test(`${file}: ${vector.name}: header and records as Kafka reads them`, () => {
      const batch = bytesOf(vector)
      const same =
        vector.recordsOf === undefined ? undefined : recordVectors('none').find(({ name }) => name === vector.name)
      const records = vector.records ?? same?.records
      assert.ok(isBatchCrcRight(batch))
      assert.deepEqual(describeBatch(batch), { ...expectedBatch(vector), records })
    })
  }
}

for (const file of ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'control', 'compacted']) {
  test(`${file}: the check of whole batches agrees with what their headers say`, () => {
    for (const vector of recordVectors(file)) {
      const check = checkRecords(bytesOf(vector))
      assert.equal(check.problem, null, vector.name)
      assert.equal(check.count, vector.count, vector.name)
      if (vector.timestampType === 'CreateTime' && vector.count > 0)
        assert.equal(check.maxTimestamp, vector.maxTimestamp)
    }
  })
}

for (const vector of recordVectors('runs')) {
  test(`runs: ${vector.name}: the whole batches, and nothing of the rest`, () => {
    const run = bytesOf(vector)
    const found: Buffer[] = []
    const read = () => {
      for (const batch of batchesOf(run)) found.push(batch)
    }
    if ('kafkaSays' in vector) assert.throws(read, RecordsError)
    else read()
    assert.deepEqual(
      found.map((batch) => batch.byteOffset - run.byteOffset),
      vector.batches.map(({ position }) => position),
    )
    assert.deepEqual(
      found.map((batch) => isBatchCrcRight(batch)),
      vector.batches.map(({ valid }) => valid),
    )
    const end = vector.batches.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)
    assert.equal(run.length - end, vector.rest)
  })
}

/** Bytes that Kafka reads and we refuse: it never stores the first, and skips the records of a batch that claims none. */
const stricter = /recordCount 0 instead of 3/

for (const file of ['foreign', 'damaged']) {
  for (const vector of recordVectors(file).filter(({ kafkaReads }) => kafkaReads !== undefined)) {
    test(`${file}: ${vector.name}: read or refused, with nothing but RecordsError`, () => {
      const read = () => [...batchesOf(bytesOf(vector))].map(readWhole)
      if (vector.kafkaReads === 'ok' && !stricter.test(vector.name)) {
        const expected = vector.batches.map((batch) => ({ ...expectedBatch(batch), records: batch.records }))
        const found = read()
        if (expected.every(({ records }) => records !== undefined)) assert.deepEqual(found, expected)
      } else if (!/batchLength 2147483647/.test(vector.name)) assert.throws(read, RecordsError)
    })
  }
}

function readWhole(batch: Buffer): unknown {
  if (!isBatchCrcRight(batch)) throw new RecordsError('corrupt', 'wrong CRC')
  return describeBatch(batch)
}

for (const vector of recordVectors('legacy')) {
  test(`legacy: ${vector.name}: every message`, () => {
    const found = readLegacySet(bytesOf(vector)).map((batch) => ({
      ...batch,
      records: batch.records.map((record) => ({
        ...record,
        key: record.key === null ? null : record.key.toString('base64'),
        value: record.value === null ? null : record.value.toString('base64'),
      })),
    }))
    assert.deepEqual(found, vector.batches)
  })

  test(`legacy: ${vector.name}: cut anywhere or with any byte flipped, it gives whole messages or a RecordsError`, () => {
    const set = bytesOf(vector)
    for (let at = 0; at < set.length; at++) {
      assert.doesNotThrow(() => readLegacySet(set.subarray(0, at)))
      const flipped = Buffer.from(set)
      flipped[at]! ^= 0xff
      try {
        readLegacySet(flipped)
      } catch (error) {
        assert.ok(error instanceof RecordsError, `byte ${at}: ${error}`)
      }
    }
  })
}

test('CRC-32C is Castagnoli’s, and goes on from an earlier part', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  assert.equal(crc32c(Buffer.from('56789'), crc32c(Buffer.from('1234'))), 0xe3069283)
})

test('a record untouched is a view: its value is a slice of the batch', () => {
  const batch = bytesOf(recordVectors('none')[0]!)
  const record = readRecords(batch).read()!
  assert.equal(record.value!.buffer, batch.buffer)
  assert.ok(record.value!.byteOffset >= batch.byteOffset + BATCH_HEADER_SIZE)
})
