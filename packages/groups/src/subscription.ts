import { DecodeError } from '@rivven/protocol'
import { Reader, Writer } from './bytes.js'

/** Partitions of one topic, in the order given. */
export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** What a consumer asks for when it joins (the metadata of protocol type `consumer`). */
export interface Subscription {
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  /** Version 1 and later. */
  readonly ownedPartitions: readonly TopicPartitions[]
  /** The generation in which the owned partitions were assigned; -1: unknown. Version 2 and later. */
  readonly generationId: number
  /** Version 3 and later. */
  readonly rackId: string | null
}

/** What a consumer is given. */
export interface Assignment {
  readonly assignedPartitions: readonly TopicPartitions[]
  readonly userData: Buffer | null
}

const newestVersion = 3

/** Encodes a subscription, by default in version 3. Topics and partitions are written in the order given (Java sorts them). */
export function encodeSubscription(subscription: Partial<Subscription>, version: number = newestVersion): Buffer {
  const { topics = [], userData = null, ownedPartitions = [], generationId = -1, rackId = null } = subscription
  const writer = new Writer().int16(version)
  writer.array(topics, (topic) => writer.string(topic)).bytes(userData)
  if (version >= 1) writeTopicPartitions(writer, ownedPartitions)
  if (version >= 2) writer.int32(generationId)
  if (version >= 3) writer.string(rackId)
  return writer.done()
}

/**
 * Decodes a subscription of any version: newer ones only append fields, so they are read as version 3. Fields that are
 * missing at the end are taken as absent, since some clients leave out what their version should have.
 *
 * @throws DecodeError for negative versions and damaged bytes
 */
export function decodeSubscription(bytes: Buffer): Subscription {
  const { reader, version } = open(bytes)
  const topics = readTopics(reader)
  const userData = reader.nullableBytes()
  const hasMore = (since: number) => version >= since && reader.remaining > 0
  const ownedPartitions = hasMore(1) ? readTopicPartitions(reader) : []
  const generationId = hasMore(2) ? reader.int32() : -1
  const rackId = hasMore(3) ? reader.nullableString() : null
  return { topics, userData, ownedPartitions, generationId, rackId }
}

/** Encodes an assignment, by default in version 3. */
export function encodeAssignment(assignment: Partial<Assignment>, version: number = newestVersion): Buffer {
  const { assignedPartitions = [], userData = null } = assignment
  const writer = new Writer().int16(version)
  writeTopicPartitions(writer, assignedPartitions)
  return writer.bytes(userData).done()
}

/**
 * Decodes an assignment of any version.
 *
 * @throws DecodeError for damaged bytes, and for none at all: what a broker hands a member that its leader left out
 */
export function decodeAssignment(bytes: Buffer): Assignment {
  const { reader } = open(bytes)
  const assignedPartitions = readTopicPartitions(reader)
  return { assignedPartitions, userData: reader.nullableBytes() }
}

/**
 * What an assignment gives a member, for those who only look on. No bytes at all are what a member gets that the leader left
 * out: nothing. Null if they cannot be read, whatever the bytes are.
 */
export function assignedPartitions(bytes: Buffer): readonly TopicPartitions[] | null {
  if (bytes.length === 0) return []
  try {
    return decodeAssignment(bytes).assignedPartitions
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

/**
 * The topics of a subscription, by the fields of version 0 alone: all a broker looks at. Null if they cannot be read,
 * whatever the bytes are.
 */
export function subscribedTopics(metadata: Buffer): string[] | null {
  try {
    const { reader } = open(metadata)
    const topics = readTopics(reader)
    reader.nullableBytes()
    return topics
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

function open(bytes: Buffer): { reader: Reader; version: number } {
  const reader = new Reader(bytes)
  const version = reader.int16()
  if (version < 0) throw new DecodeError(`consumer protocol version ${version}`)
  return { reader, version }
}

function readTopics(reader: Reader): string[] {
  return reader.array(reader.int32(), () => reader.string())
}

export function readTopicPartitions(reader: Reader): TopicPartitions[] {
  return reader.array(reader.int32(), () => ({
    topic: reader.string(),
    partitions: reader.array(reader.int32(), () => reader.int32()),
  }))
}

export function writeTopicPartitions(writer: Writer, list: readonly TopicPartitions[]): void {
  writer.array(list, ({ topic, partitions }) => {
    writer.string(topic).array(partitions, (partition) => writer.int32(partition))
  })
}
