import { DecodeError, Reader, Writer } from '@rivven/protocol'
import type { TransactionEvent } from './events.js'
import type { TopicPartitions, Transaction, TransactionState } from './transaction.js'

/** The int16 that begins a key of `__transaction_state`. Others are skipped. */
const transactionLogKey = 0

/** Indexed by the number that is stored. Dead and PrepareEpochFence, Kafka's 6 and 7, never are. */
const states: readonly TransactionState[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
]

/**
 * Tagged fields of values of version 1. The last one is ours: Kafka keeps the epoch before the present one in memory only,
 * so there a client that repeats its InitProducerId after a failover is fenced for no fault of its own. Kafka skips it.
 */
const tags = {
  previousProducerId: 0,
  nextProducerId: 1,
  clientTransactionVersion: 2,
  lastProducerEpoch: 20_480,
} as const

export interface EncodedRecord {
  readonly key: Buffer
  /** Null: a tombstone. */
  readonly value: Buffer | null
}

/** The record of an event, in the versions that Kafka 4.3.1 writes. */
export function encodeEvent(event: TransactionEvent): EncodedRecord {
  const key = new Writer(64)
  key.int16(transactionLogKey)
  key.string(event.transactionalId)
  if (event.kind === 'TransactionForgotten') return { key: key.whole(), value: null }
  const value = event.recordVersion === 0 ? writeClassic(event.transaction) : writeFlexible(event.transaction)
  return { key: key.whole(), value }
}

/**
 * The event of a record; null for types that are not known, which are to be skipped.
 *
 * @throws DecodeError for a record of a known type that cannot be read
 */
export function decodeEvent(key: Buffer, value: Buffer | null): TransactionEvent | null {
  const reader = new Reader(key)
  if (reader.int16() !== transactionLogKey) return null
  const transactionalId = reader.string()
  if (value === null) return { kind: 'TransactionForgotten', transactionalId }
  const version = new Reader(value).int16()
  if (version !== 0 && version !== 1) throw new DecodeError(`a transaction of version ${version}`)
  const transaction = version === 0 ? readClassic(value) : readFlexible(value)
  return { kind: 'TransactionStored', transactionalId, transaction, recordVersion: version }
}

function writeClassic(transaction: Transaction): Buffer {
  const writer = new Writer(128)
  writer.int16(0)
  writeIdentity(writer, transaction)
  const { partitions } = transaction
  writer.int32(partitions?.length ?? -1)
  for (const { topic, partitions: ids } of partitions ?? []) {
    writer.string(topic)
    writer.int32(ids.length)
    for (const id of ids) writer.int32(id)
  }
  writeTimes(writer, transaction)
  return writer.whole()
}

function writeFlexible(transaction: Transaction): Buffer {
  const writer = new Writer(128)
  writer.int16(1)
  writeIdentity(writer, transaction)
  const { partitions } = transaction
  writer.uvarint((partitions?.length ?? -1) + 1)
  for (const { topic, partitions: ids } of partitions ?? []) {
    writer.compactString(topic)
    writer.uvarint(ids.length + 1)
    for (const id of ids) writer.int32(id)
    writer.uvarint(0)
  }
  writeTimes(writer, transaction)
  writeTags(writer, transaction)
  return writer.whole()
}

function writeIdentity(writer: Writer, { producerId, producerEpoch, timeoutMs, state }: Transaction): void {
  writer.int64(producerId)
  writer.int16(producerEpoch)
  writer.int32(timeoutMs)
  writer.int8(states.indexOf(state))
}

function writeTimes(writer: Writer, { lastUpdateTimestamp, startTimestamp }: Transaction): void {
  writer.int64(lastUpdateTimestamp)
  writer.int64(startTimestamp)
}

/** Those with their default are left out. */
function writeTags(writer: Writer, transaction: Transaction): void {
  const { previousProducerId, nextProducerId, clientTransactionVersion, lastProducerEpoch } = transaction
  const present: [tag: number, size: 2 | 8, value: number][] = []
  if (previousProducerId !== -1) present.push([tags.previousProducerId, 8, previousProducerId])
  if (nextProducerId !== -1) present.push([tags.nextProducerId, 8, nextProducerId])
  if (clientTransactionVersion !== 0) present.push([tags.clientTransactionVersion, 2, clientTransactionVersion])
  if (lastProducerEpoch !== -1) present.push([tags.lastProducerEpoch, 2, lastProducerEpoch])
  writer.uvarint(present.length)
  for (const [tag, size, value] of present) {
    writer.uvarint(tag)
    writer.uvarint(size)
    if (size === 8) writer.int64(value)
    else writer.int16(value)
  }
}

function readClassic(value: Buffer): Transaction {
  const reader = new Reader(value, 2)
  const identity = readIdentity(reader)
  const topics = readArray(reader, reader.int32(), () => ({
    topic: reader.string(),
    partitions: readArray(reader, reader.int32(), () => reader.int32()) ?? [],
  }))
  return { ...identity, ...untagged, partitions: topics, ...readTimes(reader) }
}

function readFlexible(value: Buffer): Transaction {
  const reader = new Reader(value, 2)
  const identity = readIdentity(reader)
  const topics = readArray(reader, reader.uvarint() - 1, () => readFlexibleTopic(reader))
  return { ...identity, partitions: topics, ...readTimes(reader), ...readTags(reader) }
}

function readFlexibleTopic(reader: Reader): TopicPartitions {
  const topic = reader.compactString()
  const partitions = readArray(reader, reader.uvarint() - 1, () => reader.int32()) ?? []
  for (let left = reader.uvarint(); left > 0; left--) {
    reader.uvarint()
    reader.slice(reader.uvarint())
  }
  return { topic, partitions }
}

function readIdentity(reader: Reader): Pick<Transaction, 'producerId' | 'producerEpoch' | 'timeoutMs' | 'state'> {
  const producerId = reader.int64()
  const producerEpoch = reader.int16()
  const timeoutMs = reader.int32()
  const stored = reader.int8()
  const state = states[stored]
  if (state === undefined) throw new DecodeError(`a transaction in state ${stored}`)
  return { producerId, producerEpoch, timeoutMs, state }
}

function readTimes(reader: Reader): Pick<Transaction, 'lastUpdateTimestamp' | 'startTimestamp'> {
  const lastUpdateTimestamp = reader.int64()
  return { lastUpdateTimestamp, startTimestamp: reader.int64() }
}

type Tagged = Pick<Transaction, keyof typeof tags>

const untagged: Tagged = {
  previousProducerId: -1,
  nextProducerId: -1,
  clientTransactionVersion: 0,
  lastProducerEpoch: -1,
}

function readTags(reader: Reader): Tagged {
  const read: { -readonly [Field in keyof Tagged]: number } = { ...untagged }
  for (let left = reader.uvarint(); left > 0; left--) {
    const tag = reader.uvarint()
    const field = new Reader(reader.slice(reader.uvarint()))
    if (tag === tags.previousProducerId) read.previousProducerId = field.int64()
    if (tag === tags.nextProducerId) read.nextProducerId = field.int64()
    if (tag === tags.clientTransactionVersion) read.clientTransactionVersion = field.int16()
    if (tag === tags.lastProducerEpoch) read.lastProducerEpoch = field.int16()
  }
  return read
}

/** Elements one after the other, null for a count of -1; the count is never believed further than the bytes reach. */
function readArray<Element>(reader: Reader, count: number, element: () => Element): Element[] | null {
  if (count === -1) return null
  return Array.from({ length: reader.count(count, 1) }, element)
}
