import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Topic } from '../../src/catalog/catalog.js'
import type { BrokerServices } from '../../src/handlers/handler.js'
import { describeAllPartitions, describePartitions } from '../../src/handlers/topic-partitions.js'
import { imageOf } from '../cluster/image-fixture.js'

/** What there is of the topic `t`, and who leads its partitions. */
const knowing = (...leaders: (number | null)[]) => {
  const partitions = leaders.map((leader, at) => ({ partId: at, leader, epoch: 3 }))
  return { cluster: { image: imageOf({ topics: [{ name: 't', id: 'id', partitions }] }) } } as unknown as BrokerServices
}

/** Broker 1 leads so many. */
const leading = (count: number) => knowing(...new Array<number>(count).fill(1))

const topicOf = (partitionCount: number) => ({ name: 't', id: 'id', partitionCount }) as Topic

test('the partitions of a large topic are described once, and again when the topic has changed', () => {
  const topic = topicOf(100)
  const services = leading(100)
  const described = describeAllPartitions(topic, services)
  assert.equal(described.length, 100)
  assert.equal(describeAllPartitions(topic, services), described)
  assert.ok(Object.isFrozen(described))
  assert.equal(describeAllPartitions(topicOf(120), leading(120)).length, 120)
})

test('a partition without a leader is described with the epoch of its last one, and looked for again', () => {
  const topic = topicOf(20)
  const services = knowing(...new Array<null>(20).fill(null))
  const described = describeAllPartitions(topic, services)
  for (const { errorCode, leaderId, leaderEpoch, replicaNodes } of described) {
    assert.deepEqual([errorCode, leaderId, leaderEpoch, replicaNodes], [ErrorCode.LEADER_NOT_AVAILABLE, -1, 3, []])
  }
  assert.notEqual(describeAllPartitions(topic, services), described)
})

test('partitions are described with their leaders, those of which nothing is known yet too', () => {
  const described = describePartitions(topicOf(3), knowing(1, 2), 0, 3)
  const leaders = described.map(({ leaderId, leaderEpoch }) => [leaderId, leaderEpoch])
  assert.deepEqual(leaders, [
    [1, 3],
    [2, 3],
    [-1, -1],
  ])
})
