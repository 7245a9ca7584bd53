import { DecodeError } from '@rivven/protocol'
import { Reader, Writer } from './bytes.js'
import type { StoredGroup, StoredMember } from './events.js'

/** Version 3, as Kafka 4.3.1 writes it. */
const writtenVersion = 3

export function writeStoredGroup(group: StoredGroup): Buffer {
  const writer = new Writer().int16(writtenVersion)
  writer.string(group.protocolType).int32(group.generation).string(group.protocolName).string(group.leaderId)
  writer.int64(group.stateTimestamp)
  writer.array(group.members, (member) => writeMember(writer, member))
  return writer.done()
}

/** Reads versions 0 to 4. */
export function readStoredGroup(value: Buffer): StoredGroup {
  const reader = new Reader(value)
  const version = reader.int16()
  if (version < 0 || version > 4) throw new DecodeError(`a group of version ${version}`)
  return version === 4 ? readFlexible(reader) : readClassic(reader, version)
}

function writeMember(writer: Writer, member: StoredMember): void {
  writer.string(member.memberId).string(member.groupInstanceId).string(member.clientId).string(member.clientHost)
  writer.int32(member.rebalanceTimeoutMs).int32(member.sessionTimeoutMs)
  writer.bytes(member.subscription).bytes(member.assignment)
}

function readClassic(reader: Reader, version: number): StoredGroup {
  return {
    protocolType: reader.string(),
    generation: reader.int32(),
    protocolName: reader.nullableString(),
    leaderId: reader.nullableString(),
    stateTimestamp: version >= 2 ? reader.int64() : -1,
    members: reader.array(reader.int32(), () => readClassicMember(reader, version)),
  }
}

function readClassicMember(reader: Reader, version: number): StoredMember {
  const memberId = reader.string()
  const groupInstanceId = version >= 3 ? reader.nullableString() : null
  const clientId = reader.string()
  const clientHost = reader.string()
  const rebalanceTimeoutMs = version >= 1 ? reader.int32() : null
  const sessionTimeoutMs = reader.int32()
  const timeouts = { sessionTimeoutMs, rebalanceTimeoutMs: rebalanceTimeoutMs ?? sessionTimeoutMs }
  const subscription = bytesOf(reader)
  return { memberId, groupInstanceId, clientId, clientHost, ...timeouts, subscription, assignment: bytesOf(reader) }
}

/** A copy: a view would keep the whole batch of the log in memory. */
function bytesOf(reader: Reader): Buffer {
  const bytes = reader.nullableBytes()
  if (bytes === null) throw new DecodeError('null instead of bytes in the record of a group')
  return Buffer.from(bytes)
}

/** Version 4: the same fields in flexible encoding. */
function readFlexible(reader: Reader): StoredGroup {
  const group = {
    protocolType: reader.compactString(),
    generation: reader.int32(),
    protocolName: reader.nullableCompactString(),
    leaderId: reader.nullableCompactString(),
    stateTimestamp: reader.int64(),
    members: reader.array(reader.uvarint() - 1, () => readFlexibleMember(reader)),
  }
  reader.taggedFields()
  return group
}

function readFlexibleMember(reader: Reader): StoredMember {
  const member = {
    memberId: reader.compactString(),
    groupInstanceId: reader.nullableCompactString(),
    clientId: reader.compactString(),
    clientHost: reader.compactString(),
    rebalanceTimeoutMs: reader.int32(),
    sessionTimeoutMs: reader.int32(),
    subscription: Buffer.from(reader.compactBytes()),
    assignment: Buffer.from(reader.compactBytes()),
  }
  reader.taggedFields()
  return member
}
