import { DecodeError, ZERO_UUID } from '@rivven/protocol'
import { Reader, Writer } from './bytes.js'
import type { CommittedOffset, GroupEvent, TransactionalProducer } from './events.js'
import { readStoredGroup, writeStoredGroup } from './group-record.js'
import { readSnapshot, writeSnapshot } from './reset/snapshot-record.js'

/** Types of record, the int16 that begins a key of `__consumer_offsets`. The last two are ours (GenerationReserved, OffsetsReset). */
const recordTypes = { legacyOffset: 0, offset: 1, group: 2, reservedGeneration: 20_480, snapshot: 20_481 } as const
/** Of the value of an offset: its topic's id; and, of our own, that it came with a transaction without a member. */
const topicIdTag = 0
const anonymousTag = 20_480

export interface EncodedRecord {
  readonly key: Buffer
  /** Null: a tombstone. */
  readonly value: Buffer | null
  /** Belongs into a transactional batch of this producer. */
  readonly producer?: TransactionalProducer
  /** Not a record but the marker of a transaction: a control batch. */
  readonly ends?: {
    readonly committed: boolean
    readonly coordinatorEpoch: number
    readonly transactionVersion: number
  }
}

const noBytes = Buffer.alloc(0)

/** The record of an event, in the versions that Kafka 4.3.1 writes. */
export function encodeEvent(event: GroupEvent): EncodedRecord {
  switch (event.kind) {
    case 'OffsetCommitted':
      return { key: offsetKey(event), value: offsetValue(event.offset) }
    case 'OffsetPending':
      return { key: offsetKey(event), value: offsetValue(event.offset), producer: event.producer }
    case 'TransactionEnded':
      return { key: noBytes, value: null, producer: event.producer, ends: event }
    case 'OffsetDeleted':
      return { key: offsetKey(event), value: null }
    case 'GroupStored':
      return { key: groupKey(recordTypes.group, event.groupId), value: writeStoredGroup(event.group) }
    case 'GroupDeleted':
      return { key: groupKey(recordTypes.group, event.groupId), value: null }
    case 'GenerationReserved': {
      const value = event.generation === null ? null : new Writer().int16(0).int32(event.generation).done()
      return { key: groupKey(recordTypes.reservedGeneration, event.groupId), value }
    }
    case 'OffsetsReset': {
      const key = new Writer().int16(recordTypes.snapshot).string(event.groupId).int32(event.id).done()
      return { key, value: event.snapshot && writeSnapshot(event.snapshot) }
    }
  }
}

/**
 * The event of a record; null for types that are not known, which are to be skipped.
 *
 * @throws DecodeError for a record of a known type that cannot be read
 */
export function decodeEvent(key: Buffer, value: Buffer | null): GroupEvent | null {
  const reader = new Reader(key)
  switch (reader.int16()) {
    case recordTypes.legacyOffset:
    case recordTypes.offset: {
      const partition = { groupId: reader.string(), topic: reader.string(), partition: reader.int32() }
      if (value === null) return { kind: 'OffsetDeleted', ...partition }
      return { kind: 'OffsetCommitted', ...partition, offset: readOffset(value) }
    }
    case recordTypes.group: {
      const groupId = reader.string()
      if (value === null) return { kind: 'GroupDeleted', groupId }
      return { kind: 'GroupStored', groupId, group: readStoredGroup(value) }
    }
    case recordTypes.reservedGeneration: {
      const groupId = reader.string()
      return { kind: 'GenerationReserved', groupId, generation: value === null ? null : readReserved(value) }
    }
    case recordTypes.snapshot: {
      const groupId = reader.string()
      const id = reader.int32()
      return { kind: 'OffsetsReset', groupId, id, snapshot: value && readSnapshot(id, value) }
    }
    default:
      return null
  }
}

function offsetKey({ groupId, topic, partition }: { groupId: string; topic: string; partition: number }): Buffer {
  return new Writer().int16(recordTypes.offset).string(groupId).string(topic).int32(partition).done()
}

function groupKey(type: number, groupId: string): Buffer {
  return new Writer().int16(type).string(groupId).done()
}

/** Version 1 where there is an expire timestamp, which later ones lack, otherwise version 4. */
function offsetValue(committed: CommittedOffset): Buffer {
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId, isAnonymous } = committed
  if (expireTimestamp !== -1) {
    return new Writer().int16(1).int64(offset).string(metadata).int64(commitTimestamp).int64(expireTimestamp).done()
  }
  const writer = new Writer().int16(4).int64(offset).int32(leaderEpoch).compactString(metadata).int64(commitTimestamp)
  const hasId = topicId !== ZERO_UUID
  writer.uvarint((hasId ? 1 : 0) + (isAnonymous ? 1 : 0))
  if (hasId) writer.uvarint(topicIdTag).uvarint(16).raw(Buffer.from(topicId, 'base64url'))
  if (isAnonymous) writer.uvarint(anonymousTag).uvarint(0)
  return writer.done()
}

function readOffset(value: Buffer): CommittedOffset {
  const reader = new Reader(value)
  const version = reader.int16()
  if (version < 0 || version > 4) throw new DecodeError(`a committed offset of version ${version}`)
  const offset = reader.int64()
  const leaderEpoch = version >= 3 ? reader.int32() : -1
  const metadata = version >= 4 ? reader.compactString() : reader.string()
  const commitTimestamp = reader.int64()
  const expireTimestamp = version === 1 ? reader.int64() : -1
  let topicId: string = ZERO_UUID
  let isAnonymous = false
  if (version >= 4) {
    reader.taggedFields((tag, bytes) => {
      if (tag === topicIdTag) topicId = new Reader(bytes).uuid()
      if (tag === anonymousTag) isAnonymous = true
    })
  }
  const committed = { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId }
  return isAnonymous ? { ...committed, isAnonymous } : committed
}

function readReserved(value: Buffer): number {
  const reader = new Reader(value)
  const version = reader.int16()
  if (version !== 0) throw new DecodeError(`a reserved generation of version ${version}`)
  return reader.int32()
}
