import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZERO_UUID } from '@rivven/protocol'
import { decodeEvent, encodeEvent, type GroupEvent } from '../src/index.js'
import { bytesOf, readVectors } from './support/vectors.js'

interface Vector {
  log: string
  type: string
  id: number
  version: number
  case: string
  json: Record<string, unknown>
  base64: string
}

interface Written {
  log: string
  name: string
  key: string
  value: string | null
}

const vectors = readVectors<{ keys: Vector[]; values: Vector[]; written: Written[] }>('coordinator-records')
const ofOffsetsLog = <Entry extends { log: string }>(list: Entry[]) =>
  list.filter(({ log }) => log === '__consumer_offsets')
const offsetKey = Buffer.from('000100016700027430' + '00000003', 'hex')
const groupKey = Buffer.from('0002000167', 'hex')
const classicTypes = ['LEGACY_OFFSET_COMMIT', 'OFFSET_COMMIT', 'GROUP_METADATA']

test('every key of an offset or a group is read, and every other type is skipped', () => {
  for (const vector of ofOffsetsLog(vectors.keys)) {
    const event = decodeEvent(bytesOf(vector.base64), null)
    const { group, topic, partition } = vector.json
    const expected = !classicTypes.includes(vector.type)
      ? null
      : vector.type === 'GROUP_METADATA'
        ? { kind: 'GroupDeleted', groupId: group }
        : { kind: 'OffsetDeleted', groupId: group, topic, partition }
    assert.deepEqual(event, expected, `${vector.type} ${vector.case}`)
  }
})

test('committed offsets of all value versions are read', () => {
  const offsets = ofOffsetsLog(vectors.values).filter(({ type }) => type.endsWith('OFFSET_COMMIT'))
  assert.ok(offsets.length >= 10)
  for (const { json, base64, type, version, case: name } of offsets) {
    const event = decodeEvent(offsetKey, bytesOf(base64))
    assert.equal(event?.kind, 'OffsetCommitted')
    const expected = { leaderEpoch: -1, expireTimestamp: -1, topicId: ZERO_UUID, ...json }
    assert.deepEqual(event.offset, expected, `${type} ${version} ${name}`)
  }
})

test('groups of all value versions are read', () => {
  const groups = ofOffsetsLog(vectors.values).filter(({ type }) => type === 'GROUP_METADATA')
  assert.ok(groups.length >= 10)
  for (const { json, base64, version, case: name } of groups) {
    const event = decodeEvent(groupKey, bytesOf(base64))
    assert.equal(event?.kind, 'GroupStored')
    assert.deepEqual(event.group, storedGroupOf(json), `${version} ${name}`)
  }
})

function storedGroupOf(json: Record<string, unknown>) {
  return {
    protocolType: json.protocolType,
    generation: json.generation,
    protocolName: json.protocol,
    leaderId: json.leader,
    stateTimestamp: json.currentStateTimestamp ?? -1,
    members: (json.members as Record<string, string & number>[]).map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId ?? null,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeout ?? member.sessionTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      subscription: bytesOf(member.subscription),
      assignment: bytesOf(member.assignment),
    })),
  }
}

test('what Kafka has written is read and written again byte for byte', () => {
  let own = 0
  for (const { name, key, value } of ofOffsetsLog(vectors.written)) {
    const event = decodeEvent(bytesOf(key), bytesOf(value))
    if (!event) continue
    own++
    const record = encodeEvent(event)
    assert.deepEqual(record.key, bytesOf(key), name)
    assert.deepEqual(record.value, bytesOf(value), name)
  }
  assert.equal(own, 8)
})

test('a reserved generation and its tombstone survive their record', () => {
  for (const generation of [7, null]) {
    const event: GroupEvent = { kind: 'GenerationReserved', groupId: 'grüße', generation }
    const { key, value } = encodeEvent(event)
    assert.deepEqual(decodeEvent(key, value), event)
  }
})

test('damaged records of known types are refused, whatever their lengths claim', () => {
  const damaged = ['', '00', '0003', '00037fffffff', '000500', '0004ffffffffffffffff00000001ffffffffff']
  for (const hex of damaged) {
    assert.throws(() => decodeEvent(offsetKey, Buffer.from(hex, 'hex')), { name: /Error/ }, hex)
    assert.throws(() => decodeEvent(groupKey, Buffer.from(hex, 'hex')), { name: /Error/ }, hex)
  }
  assert.throws(() => decodeEvent(Buffer.from('0001', 'hex'), null))
  assert.throws(() => decodeEvent(Buffer.from('00027fff67', 'hex'), null))
})

test('a committed offset whose topic id is no UUID is refused: it could not be written again', () => {
  const { key, value } = encodeEvent({
    kind: 'OffsetCommitted',
    groupId: 'g',
    topic: 't',
    partition: 0,
    offset: { offset: 5, leaderEpoch: -1, metadata: '', commitTimestamp: 1, expireTimestamp: -1, topicId: ZERO_UUID },
  })
  const withId = (id: Buffer) => Buffer.concat([value!.subarray(0, -1), Buffer.from([1, 0, id.length]), id])
  const read = decodeEvent(key, withId(Buffer.alloc(16, 1)))
  assert.equal(read?.kind === 'OffsetCommitted' && read.offset.topicId, Buffer.alloc(16, 1).toString('base64url'))
  assert.throws(() => decodeEvent(key, withId(Buffer.alloc(15))), { name: /Error/ })
})
