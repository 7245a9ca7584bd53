import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  batchCodec,
  buildBatch,
  buildControlBatch,
  type Codec,
  isBatchCrcRight,
  readBatchHeader,
  readRecords,
  setBatchBaseOffset,
} from '@rivven/protocol'
import { compactBatch } from '../../src/log/cleaning/compact-batch.js'
import { recordVectors } from './record-vectors.js'

interface CompactedCase {
  name: string
  base64: string
}

const base = 1700000000000

function content(batch: Buffer): unknown[] {
  const { crc, sizeInBytes, ...header } = readBatchHeader(batch)
  const records = [...readRecords(batch)].map(({ offset, timestamp, key, value, headers }) => {
    return { offset, timestamp, key, value, headers }
  })
  return [header, records]
}

/** The batches that were given to Kafka's log cleaner when the vectors were made. */
function source(name: string, codec: Codec): Buffer {
  if (name.includes('tombstone')) {
    const [a, b, c] = [{ key: 'a' }, { key: 'b', value: 'x' }, { key: 'c' }]
    const records = [a, b, c].map((record, index) => ({ ...record!, timestamp: base + [0, 20, 40][index]! }))
    return buildBatch({ records, codec, baseOffset: 200, partitionLeaderEpoch: 6 })
  }
  const records = Array.from({ length: 10 }, (_, i) => ({ key: `k${i}`, value: `v${i}`, timestamp: base + i }))
  const isTransactional = name.includes('transactional')
  const producer = isTransactional
    ? { baseOffset: 300, producerId: 7, producerEpoch: 0, baseSequence: 0 }
    : { baseOffset: 100, producerId: 1000, producerEpoch: 2, baseSequence: 40 }
  return buildBatch({ records, codec, partitionLeaderEpoch: 6, isTransactional, ...producer })
}

for (const vector of recordVectors<CompactedCase>('compacted')) {
  test(`compaction leaves what Kafka leaves: ${vector.name}`, () => {
    const expected = Buffer.from(vector.base64, 'base64')
    const kept = new Set([...readRecords(expected)].map(({ offset }) => offset))
    const { batch } = compactBatch(source(vector.name, vector.name.split(':')[0] as Codec), {
      keeps: ({ offset }) => kept.has(offset),
      keepsEmpty: true,
      deleteHorizonMs: 1700086401000,
    })
    assert.ok(batch && isBatchCrcRight(batch))
    assert.deepEqual(content(batch), content(expected))
    if (batchCodec(expected) === 'none') assert.deepEqual(batch, expected)
  })
}

test('a batch of which everything stays is not written anew', () => {
  const batch = source('all', 'gzip')
  assert.equal(compactBatch(batch, { keeps: () => true, deleteHorizonMs: base }).batch, batch)
})

test('a batch of which nothing stays vanishes, unless it is the last of its producer', () => {
  const batch = source('all', 'gzip')
  assert.deepEqual(compactBatch(batch, { keeps: () => false }), { batch: null, recordsKept: 0, recordsRemoved: 10 })
  const empty = compactBatch(batch, { keeps: () => false, keepsEmpty: true }).batch!
  assert.deepEqual([readBatchHeader(empty).count, readBatchHeader(empty).lastSequence], [0, 49])
  assert.equal(compactBatch(empty, { keeps: () => false, keepsEmpty: true }).batch, empty)
})

test('the horizon is stamped once, and stays when a later pass removes more', () => {
  const first = compactBatch(source('tombstone', 'none'), { keeps: () => true, deleteHorizonMs: base + 1000 }).batch!
  const second = compactBatch(first, { keeps: ({ offset }) => offset !== 200, deleteHorizonMs: base + 9000 }).batch!
  assert.equal(readBatchHeader(first).deleteHorizonMs, base + 1000)
  assert.equal(readBatchHeader(second).deleteHorizonMs, base + 1000)
  assert.deepEqual(
    [...readRecords(second)].map(({ timestamp }) => timestamp),
    [base + 20, base + 40],
  )
})

test('log append times survive compaction', () => {
  const records = [
    { key: 'a', timestamp: 1 },
    { key: 'b', value: 'x', timestamp: 2 },
  ]
  const batch = buildBatch({ records, hasLogAppendTime: true, maxTimestamp: base })
  const after = compactBatch(batch, { keeps: ({ offset }) => offset === 0, deleteHorizonMs: base + 5 }).batch!
  assert.deepEqual(content(after)[1], [{ offset: 0, timestamp: base, key: Buffer.from('a'), value: null, headers: [] }])
  assert.equal(readBatchHeader(after).timestampType, 'LogAppendTime')
})

test('a marker gets a horizon only when told that its transaction has no data left', () => {
  const marker = buildControlBatch({
    type: 'ABORT',
    producerId: 7,
    producerEpoch: 1,
    coordinatorEpoch: 2,
    timestamp: base,
  })
  setBatchBaseOffset(marker, 40)
  assert.equal(compactBatch(marker, { keeps: () => true }).batch, marker)
  const stamped = readBatchHeader(compactBatch(marker, { keeps: () => true, deleteHorizonMs: base + 5 }).batch!)
  assert.deepEqual([stamped.isControl, stamped.isTransactional, stamped.deleteHorizonMs], [true, true, base + 5])
})
