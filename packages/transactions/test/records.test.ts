import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DecodeError } from '@rivven/protocol'
import {
  decodeEvent,
  encodeEvent,
  type Transaction,
  type TransactionEvent,
  type TransactionState,
} from '../src/index.js'

interface Topic {
  readonly topic: string
  readonly partitionIds: number[]
}

interface Vectors {
  readonly keys: readonly { case: string; json: { transactionalId: string }; base64: string }[]
  readonly values: readonly {
    version: 0 | 1
    case: string
    json: Record<string, number> & { transactionPartitions: Topic[] | null }
    base64: string
    roundTrip?: boolean
  }[]
  readonly written: readonly { name: string; key: string; value: string | null }[]
}

const file = join(import.meta.dirname, '../../test/vectors/transaction-records.json')
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors
const states: TransactionState[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
]
const anyKey = Buffer.from(vectors.keys[0]!.base64, 'base64')

for (const { case: name, json, base64 } of vectors.keys) {
  test(`a key is read and written: ${name}`, () => {
    const event: TransactionEvent = { kind: 'TransactionForgotten', transactionalId: json.transactionalId }
    assert.deepEqual(decodeEvent(Buffer.from(base64, 'base64'), null), event)
    assert.deepEqual(encodeEvent(event), { key: Buffer.from(base64, 'base64'), value: null })
  })
}

for (const { version, case: name, json, base64, roundTrip } of vectors.values) {
  const value = Buffer.from(base64, 'base64')
  const state = states[json.transactionStatus!]
  test(`a value of version ${version} is read: ${name}`, () => {
    if (state === undefined) {
      assert.throws(() => decodeEvent(anyKey, value), DecodeError)
      return
    }
    const event = decodeEvent(anyKey, value)
    assert.ok(event?.kind === 'TransactionStored')
    assert.deepEqual(event.transaction, transactionOf(json, state))
  })
  // Kafka's tag 3 is not ours to write.
  if (state === undefined || roundTrip === false || json.nextProducerEpoch !== undefined) continue
  test(`a value of version ${version} is written: ${name}`, () => {
    const transaction = transactionOf(json, state)
    const event = { kind: 'TransactionStored', transactionalId: 'x', transaction, recordVersion: version } as const
    assert.equal(encodeEvent(event).value?.toString('base64'), base64)
  })
}

for (const { name, key, value } of vectors.written) {
  test(`a record is what Kafka writes: ${name}`, () => {
    const bytes = value === null ? null : Buffer.from(value, 'base64')
    const event = decodeEvent(Buffer.from(key, 'base64'), bytes)
    assert.ok(event)
    const written = encodeEvent(event)
    assert.equal(written.key.toString('base64'), key)
    assert.equal(written.value?.toString('base64') ?? null, value)
    if (event.kind !== 'TransactionStored') return
    const { producerId, producerEpoch, transactionalId } = { ...event.transaction, ...event }
    assert.deepEqual(
      { producerId, producerEpoch, transactionalId },
      { producerId: 1000, producerEpoch: 5, transactionalId: 'my-txn' },
    )
  })
}

test('the last epoch outlives a failover, and is nothing to Kafka', () => {
  const transaction = { ...transactionOf(vectors.values[0]!.json, 'Empty'), lastProducerEpoch: 4 }
  const event = { kind: 'TransactionStored', transactionalId: 'x', transaction, recordVersion: 1 } as const
  const { key, value } = encodeEvent(event)
  assert.deepEqual(decodeEvent(key, value), event)
})

test('keys of other types are skipped, values of other versions refused', () => {
  assert.equal(decodeEvent(Buffer.from([0, 1, 0, 1, 97]), null), null)
  assert.throws(() => decodeEvent(anyKey, Buffer.from([0, 2])), DecodeError)
})

test('bytes that end early or lie about a count are refused, never believed', () => {
  const value = Buffer.from(vectors.values.find(({ case: name }) => name === 'filled')!.base64, 'base64')
  for (let size = 0; size < value.length; size++) {
    assert.throws(() => decodeEvent(anyKey, value.subarray(0, size)), DecodeError)
  }
  const lying = Buffer.from(value)
  lying.writeInt32BE(0x7fffffff, 17)
  assert.throws(() => decodeEvent(anyKey, lying), DecodeError)
})

function transactionOf(json: Vectors['values'][number]['json'], state: TransactionState): Transaction {
  return {
    producerId: json.producerId!,
    producerEpoch: json.producerEpoch!,
    previousProducerId: json.previousProducerId ?? -1,
    nextProducerId: json.nextProducerId ?? -1,
    lastProducerEpoch: -1,
    timeoutMs: json.transactionTimeoutMs!,
    state,
    partitions:
      json.transactionPartitions?.map(({ topic, partitionIds }) => ({ topic, partitions: partitionIds })) ?? null,
    startTimestamp: json.transactionStartTimestampMs!,
    lastUpdateTimestamp: json.transactionLastUpdateTimestampMs!,
    clientTransactionVersion: json.clientTransactionVersion ?? 0,
  }
}
