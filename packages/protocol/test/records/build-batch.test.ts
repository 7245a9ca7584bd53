import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  BatchBuilder,
  type BatchOptions,
  buildBatch,
  buildControlBatch,
  type Codec,
  checkRecords,
  codecs,
  controlRecordOf,
  isBatchCrcRight,
  readBatchHeader,
  readControlRecord,
  readRecords,
} from '../../src/index.js'
import { bytesOf, recordVectors } from './vectors.js'

const time = 1700000000000

test('the batches of the format’s documentation come out byte for byte', () => {
  const records = [
    { key: 'k1', value: 'hello', timestamp: time },
    { value: 'world', timestamp: time + 5, headers: [{ key: 'h', value: '1' }] },
  ]
  assert.equal(
    buildBatch({ records }).toString('hex'),
    '00000000000000000000004fffffffff02d1d8b1da0000000000010000018bcfe568000000018bcfe56805ffffffffffffffffffffffffffff' +
      '000000021a000000046b310a68656c6c6f001e000a02010a776f726c640202680231',
  )
  const marker = { type: 'ABORT', producerId: 1000, producerEpoch: 3, coordinatorEpoch: 7, timestamp: time } as const
  assert.equal(
    buildControlBatch({ ...marker, baseOffset: 5, partitionLeaderEpoch: 0 }).toString('hex'),
    '0000000000000005000000420000000002590cda830030000000000000018bcfe568000000018bcfe5680000000000000003e80003ffffffff' +
      '000000012000000008000000000c00000000000700',
  )
})

// Under log append time a batch does not show its records' own timestamps, so it cannot be built again.
for (const vector of recordVectors('none').filter(({ timestampType }) => timestampType === 'CreateTime')) {
  test(`none: ${vector.name}: built from its records, equal to Kafka's bytes`, () => {
    const batch = bytesOf(vector)
    const builder = new BatchBuilder({ baseTimestamp: readBatchHeader(batch).baseTimestamp, initialBytes: 61 })
    for (const { key, value, headers, timestamp } of readRecords(batch))
      builder.append({ key, value, headers, timestamp })
    assert.deepEqual(builder.build(optionsOf(batch)), batch)
  })
}

function optionsOf(batch: Buffer): BatchOptions {
  const { codec, deleteHorizonMs, ...header } = readBatchHeader(batch)
  return { ...header, hasDeleteHorizon: deleteHorizonMs !== undefined }
}

for (const vector of recordVectors('control')) {
  test(`control: ${vector.name}: read, and written again where Kafka writes it`, () => {
    const batch = bytesOf(vector)
    const control = controlRecordOf(batch)!
    assert.deepEqual([control.type, control.typeId], [vector.controlType, vector.controlTypeId])
    assert.equal(control.coordinatorEpoch, vector.coordinatorEpoch)
    if (/by hand/.test(vector.name) || (control.type !== 'COMMIT' && control.type !== 'ABORT')) return
    const { producerId, producerEpoch, baseOffset, partitionLeaderEpoch } = readBatchHeader(batch)
    const place = { producerId, producerEpoch, baseOffset, partitionLeaderEpoch, timestamp: time }
    const marker = { type: control.type, coordinatorEpoch: control.coordinatorEpoch!, ...place }
    assert.deepEqual(buildControlBatch(marker), batch)
  })
}

test('a data batch is no control record', () => {
  const batch = buildBatch({ records: [{ value: 'x', timestamp: 1 }] })
  assert.equal(controlRecordOf(batch), undefined)
  assert.throws(() => readControlRecord(readRecords(batch).read()!), { fault: 'invalid' })
})

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)))
const header = fc.record({ key: fc.string({ maxLength: 20 }), value: bytes }, { noNullPrototype: true })
const timestamp = fc.oneof(
  fc.constant(-1),
  fc.integer({ min: time - 100000, max: time + 100000 }),
  fc.integer({ min: 0, max: 2 ** 52 }),
)
const record = fc.record(
  { key: bytes, value: bytes, headers: fc.array(header, { maxLength: 4 }), timestamp },
  { noNullPrototype: true },
)

for (const codec of codecs) {
  test(`${codec}: what was put into a batch comes out of it`, () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 2 ** 53 - 100 }),
        (records, baseOffset) => {
          const batch = buildBatch({ records, codec, baseOffset })
          const found = [...readRecords(batch)].map(({ offset, timestamp, key, value, headers }) => ({
            offset,
            timestamp,
            key,
            value,
            headers,
          }))
          assert.deepEqual(
            found,
            records.map((each, index) => ({ ...each, offset: baseOffset + index })),
          )
          const check = checkRecords(batch)
          assert.deepEqual([check.problem, check.count, check.isSequential], [null, records.length, true])
          assert.equal(check.maxTimestamp, Math.max(...records.map((each) => each.timestamp)))
          assert.equal(check.nullKeyCount, records.filter(({ key }) => key === null).length)
          assert.ok(isBatchCrcRight(batch))
        },
      ),
      { numRuns: 100 },
    )
  })

  test(`${codec}: large records come out whole`, () => {
    const value = Buffer.alloc(3000000, 'some text that repeats itself, and then again; ')
    for (let at = 0; at < value.length; at += 997) value[at] = at
    const batch = buildBatch({
      records: [
        { value, timestamp: time },
        { value: value.subarray(5), timestamp: time },
      ],
      codec,
    })
    assert.deepEqual(
      [...readRecords(batch)].map((each) => each.value),
      [value, value.subarray(5)],
    )
  })
}

test('the size that a builder foretells is the size it gets', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
      const builder = new BatchBuilder({ initialBytes: 100 })
      for (const each of records) {
        const foretold = builder.sizeWith(each)
        assert.equal(builder.append(each), foretold)
      }
      assert.equal(builder.build().length, builder.size)
    }),
    { numRuns: 100 },
  )
})

test('a batch with any byte flipped is read or refused, never anything else', () => {
  const seed = Date.now() % 100000
  console.log(`seed ${seed}`)
  const random = randomFrom(seed)
  const records = Array.from({ length: 20 }, (_, index) => ({
    key: index % 3 ? `key ${index}` : null,
    value: 'v'.repeat(random(200)),
    headers: index % 4 ? [] : [{ key: 'header', value: `${index}` }],
    timestamp: time + random(1000),
  }))
  for (const codec of codecs) readFlipped(buildBatch({ records, codec }), codec, random)
})

function readFlipped(good: Buffer, codec: Codec, random: (below: number) => number): void {
  for (let at = 21; at < good.length; at++) {
    const bad = Buffer.from(good)
    bad[at]! ^= 1 + random(255)
    try {
      for (const each of readRecords(bad, { maxBytes: 1000000 })) void [each.key, each.value, each.headers]
      checkRecords(bad, { maxBytes: 1000000 })
    } catch (error) {
      assert.equal((error as Error).name, 'RecordsError', `${codec}, byte ${at}: ${error}`)
    }
  }
}

/** A small generator, so that a failure can be repeated from its printed seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
}
