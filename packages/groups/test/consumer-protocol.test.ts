import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Assignment,
  assignedPartitions,
  decodeAssignment,
  decodeCooperativeUserData,
  decodeStickyUserData,
  decodeSubscription,
  encodeAssignment,
  encodeCooperativeUserData,
  encodeStickyUserData,
  encodeSubscription,
  type Subscription,
  subscribedTopics,
} from '../src/index.js'
import { bytesOf, readVectors } from './support/vectors.js'

type Json<Message> = Omit<Message, 'userData'> & { userData: string | null }
interface Vector<Message> {
  name: string
  version: number
  base64: string
  json?: Json<Message>
}
interface UserDataVector {
  assignor: string
  name: string
  version?: number
  base64: string | null
  json: { partitions: { topic: string; partitions: number[] }[]; generation: number | null } | null
}

const vectors = readVectors<{
  subscriptions: Vector<Subscription>[]
  subscriptionsReadOnly: Vector<Subscription>[]
  assignments: Vector<Assignment>[]
  assignmentsReadOnly: Vector<Assignment>[]
  userData: UserDataVector[]
}>('consumer-protocol')

function parsed<Message>(json: Json<Message>): Message {
  return { ...json, userData: bytesOf(json.userData) } as Message
}

test('subscriptions are read and written in versions 0 to 3 as Kafka does', () => {
  for (const { name, version, base64, json } of vectors.subscriptions) {
    assert.ok(json)
    assert.deepEqual(decodeSubscription(bytesOf(base64)), parsed(json), `${name} ${version}`)
    assert.equal(
      encodeSubscription(parsed<Subscription>(json), version).toString('base64'),
      base64,
      `${name} ${version}`,
    )
    assert.deepEqual(subscribedTopics(bytesOf(base64)), json.topics)
  }
})

test('newer and longer subscriptions are read, and damaged ones refused', () => {
  for (const { name, base64, json } of vectors.subscriptionsReadOnly) {
    if (json) assert.deepEqual(decodeSubscription(bytesOf(base64)), parsed(json), name)
    else if (isOnlyShort(name)) assert.deepEqual(decodeSubscription(bytesOf(base64)).topics, ['t0'], name)
    else assert.throws(() => decodeSubscription(bytesOf(base64)), { name: /Error/ }, name)
  }
})

/** Kafka refuses them, but some clients send them (specification 5.1). */
function isOnlyShort(name: string): boolean {
  return /^version [1-3] without (owned|rack)/.test(name)
}

test('a broker takes bytes that are no subscription for what they are', () => {
  const junk = [
    '',
    '00',
    'ffff00000000',
    '00007fffffff',
    '0000ffffffff',
    '0000000000017fff7430',
    '00000000000100027430',
  ]
  for (const hex of junk) assert.equal(subscribedTopics(Buffer.from(hex, 'hex')), null, hex)
})

test('assignments are read and written in versions 0 to 3 as Kafka does', () => {
  for (const { name, version, base64, json } of vectors.assignments) {
    assert.ok(json)
    assert.deepEqual(decodeAssignment(bytesOf(base64)), parsed(json), `${name} ${version}`)
    assert.equal(encodeAssignment(parsed<Assignment>(json), version).toString('base64'), base64, `${name} ${version}`)
  }
})

test('newer assignments are read, and none at all is refused', () => {
  for (const { name, base64, json } of vectors.assignmentsReadOnly) {
    if (json) assert.deepEqual(decodeAssignment(bytesOf(base64)), parsed(json), name)
    else assert.throws(() => decodeAssignment(bytesOf(base64)), { name: /Error/ }, name)
  }
})

test('who only looks on sees the partitions of an assignment, none where there are no bytes, and null where they are no assignment', () => {
  for (const { name, base64, json } of vectors.assignments)
    assert.deepEqual(assignedPartitions(bytesOf(base64)), json?.assignedPartitions, name)
  assert.deepEqual(assignedPartitions(Buffer.alloc(0)), [])
  for (const hex of ['00', 'ffff00000000', '00007fffffff', '0000000000017fff7430'])
    assert.equal(assignedPartitions(Buffer.from(hex, 'hex')), null, hex)
})

test('user data of the sticky assignor is read with and without generation, and garbage is no assignment', () => {
  for (const { name, base64, json, version } of vectors.userData.filter(({ assignor }) => assignor === 'sticky')) {
    const expected = json ?? { partitions: [], generation: null }
    assert.deepEqual(decodeStickyUserData(bytesOf(base64)), expected, name)
    if (version !== undefined) assert.equal(encodeStickyUserData(expected).toString('base64'), base64, name)
  }
})

test('user data of the cooperative sticky assignor is a generation, and what others write there is unknown', () => {
  for (const { name, base64, json } of vectors.userData.filter(({ assignor }) => assignor !== 'sticky')) {
    const generation = json?.generation ?? -1
    assert.equal(decodeCooperativeUserData(bytesOf(base64)), generation, name)
    assert.equal(encodeCooperativeUserData(generation).toString('base64'), base64, name)
  }
  assert.equal(decodeCooperativeUserData(null), -1)
  assert.equal(decodeCooperativeUserData(Buffer.from('0000000000000005', 'hex')), -1)
})
