import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Producer } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { Kafka, logLevel } from 'kafkajs'
import { eventually } from '../support/eventually.js'

test('a partition goes to the broker that a reassignment names first, whichever broker is asked', async () => {
  await using cluster = await startRivvenCluster({ config: { auto_leader_rebalance_enable: false } })
  const { bootstrapServers } = cluster
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 3 }])
  const producer = new Producer({ bootstrapServers })
  const send = (value: string) =>
    Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 'orders', partition, value })))
  await send('before')
  const kafka = new Kafka({ brokers: [cluster.brokers[0]!.bootstrapServers], logLevel: logLevel.NOTHING })
  const other = kafka.admin()
  await other.connect()
  const leaders = () => [0, 1, 2].map((partition) => cluster.leaderOf('orders', partition))
  const wanted = leaders().map((leader) => (leader! % 3) + 1)
  const partitionAssignment = wanted.map((to, partition) => ({ partition, replicas: [to] }))
  await other.alterPartitionReassignments({ topics: [{ topic: 'orders', partitionAssignment }] })
  await eventually(() => assert.deepEqual(leaders(), wanted))
  await eventually(async () => {
    const { topics } = await other.listPartitionReassignments({})
    assert.deepEqual(topics, [])
  })
  const after = await send('after')
  assert.deepEqual(
    after.map(({ offset }) => offset),
    [1, 1, 1],
  )
  await assert.rejects(
    other.alterPartitionReassignments({
      topics: [{ topic: 'orders', partitionAssignment: [{ partition: 0, replicas: [9] }] }],
    }),
  )
  await Promise.all([other.disconnect(), producer.close(), admin.close()])
})
