import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Topic } from '../../../src/catalog/catalog.js'
import type { ClusterImage, TopicImage } from '../../../src/cluster/image.js'
import type { BrokerServices } from '../../../src/handlers/handler.js'
import { describeAllPartitions, describePartitions } from '../../../src/handlers/topics/topic-partitions.js'
import { imageOf, nodeOf } from '../../cluster/image-fixture.js'

const knowingOf = (image: ClusterImage, isServing = true) =>
  ({ cluster: { brokerId: 1, image, isServing } }) as unknown as BrokerServices

/** What there is of the topic `t`, and who leads its partitions. */
const knowing = (...leaders: (number | null)[]) => {
  const partitions = leaders.map((leader, at) => ({ partId: at, leader, epoch: 3 }))
  return knowingOf(imageOf({ topics: [{ name: 't', id: 'id', partitions }], brokers: [nodeOf(1), nodeOf(2)] }))
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

test('a leader that is here no longer leads nothing in the eyes of clients, which find no address for it', () => {
  const [led, orphan] = describePartitions(topicOf(2), knowing(2, 3), 0, 2)
  assert.deepEqual([led?.errorCode, led?.leaderId], [ErrorCode.NONE, 2])
  assert.deepEqual([orphan?.errorCode, orphan?.leaderId], [ErrorCode.LEADER_NOT_AVAILABLE, -1])
})

test('behind the leader come those with the next ids of the brokers that are here', () => {
  const led = (leader: number): TopicImage => ({ name: 't', id: 'id', partitions: [{ partId: 1, leader, epoch: 3 }] })
  const topic = { ...topicOf(1), replicationFactor: 3 }
  const replicas = (leader: number, here: number[]) =>
    describeAllPartitions(
      topic,
      knowingOf(imageOf({ topics: [led(leader)], brokers: here.map((id) => nodeOf(id)) })),
    )[0]?.replicaNodes
  assert.deepEqual(replicas(1, [1, 2, 3, 4]), [1, 2, 3])
  assert.deepEqual(replicas(3, [1, 2, 3, 4]), [3, 4, 1])
  assert.deepEqual(replicas(2, [2, 3]), [2, 3])
})

test('what is kept of a large topic is forgotten when the brokers are others', () => {
  const topic = { ...topicOf(20), replicationFactor: 2 }
  const partitions = new Array(20).fill({ partId: 1, leader: 1, epoch: 3 })
  const topics = [{ name: 't', id: 'id', partitions }]
  const with2 = describeAllPartitions(topic, knowingOf(imageOf({ topics, brokers: [nodeOf(1), nodeOf(2)] })))
  const with3 = describeAllPartitions(topic, knowingOf(imageOf({ topics, brokers: [nodeOf(1), nodeOf(3)] })))
  assert.deepEqual(
    [with2[0]?.replicaNodes, with3[0]?.replicaNodes],
    [
      [1, 2],
      [1, 3],
    ],
  )
})

test('a broker that may have been replaced does not say that it leads', () => {
  const topics = [{ name: 't', id: 'id', partitions: [1, 2].map((leader) => ({ partId: leader, leader, epoch: 3 })) }]
  const described = describeAllPartitions(
    topicOf(2),
    knowingOf(imageOf({ brokers: [nodeOf(1), nodeOf(2)], topics }), false),
  )
  const leaders = described.map(({ leaderId, errorCode }) => [leaderId, errorCode])
  assert.deepEqual(leaders, [
    [-1, ErrorCode.LEADER_NOT_AVAILABLE],
    [2, ErrorCode.NONE],
  ])
})
