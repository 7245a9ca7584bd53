import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Topic } from '../../src/catalog/catalog.js'
import type { BrokerServices } from '../../src/handlers/handler.js'
import { describeAllPartitions } from '../../src/handlers/topic-partitions.js'

/** A broker that leads so many partitions of every topic. */
const leading = (count: number) => {
  const leaderOf = (_: string, partition: number) => (partition < count ? { brokerId: 1, epoch: 3 } : undefined)
  return { cluster: { brokerId: 1, leaderOf } } as unknown as BrokerServices
}

const topicOf = (partitionCount: number) => ({ name: 't', id: 'id', partitionCount }) as Topic

test('the partitions of a large topic are described once, and again when the topic has changed', () => {
  const topic = topicOf(100)
  const described = describeAllPartitions(topic, leading(100))
  assert.equal(described.length, 100)
  assert.equal(describeAllPartitions(topic, leading(100)), described)
  assert.ok(Object.isFrozen(described))
  assert.equal(describeAllPartitions(topicOf(120), leading(120)).length, 120)
})

test('a partition without a leader is looked for again', () => {
  const topic = topicOf(100)
  const leaders = (count: number) =>
    describeAllPartitions(topic, leading(count)).filter(({ leaderId }) => leaderId === 1)
  assert.equal(leaders(40).length, 40)
  assert.equal(leaders(100).length, 100)
})
