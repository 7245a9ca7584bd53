import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'

test('a topic has the replicas that it was made with: its leader, and whoever has the next ids', async (context) => {
  const config = { default_replication_factor: 3, auto_leader_rebalance_enable: false }
  await using cluster = await startRivvenCluster({ config })
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  context.after(() => admin.close())
  const made = await admin.createTopics([
    { name: 'usual', partitions: 3 },
    { name: 'pairs', partitions: 3, replicationFactor: 2 },
    {
      name: 'placed',
      assignments: [
        [3, 1],
        [2, 3],
      ],
    },
  ])
  assert.deepEqual(
    made.map(({ name, replicationFactor }) => [name, replicationFactor]),
    [
      ['usual', 3],
      ['pairs', 2],
      ['placed', 2],
    ],
  )
  const replicas = async (name: string) => {
    const [topic] = await admin.describeTopics([name])
    return topic?.partitions.map(({ leader, replicas, isr }) => {
      assert.equal(leader, replicas[0])
      assert.deepEqual(isr, replicas)
      return replicas
    })
  }
  assert.deepEqual(await replicas('usual'), [
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
  ])
  assert.deepEqual(await replicas('pairs'), [
    [1, 2],
    [2, 3],
    [3, 1],
  ])
  assert.deepEqual(await replicas('placed'), [
    [3, 1],
    [2, 3],
  ])
})

test('topics of coordinators have the replicas of their own keys', async (context) => {
  const config = { default_replication_factor: 3, offsets_topic_replication_factor: 2 }
  await using cluster = await startRivvenCluster({ config })
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  context.after(() => admin.close())
  await admin.describeGroups(['g'])
  const [offsets] = await admin.describeTopics(['__consumer_offsets'])
  assert.deepEqual(new Set(offsets?.partitions.map(({ replicas }) => replicas.length)), new Set([2]))
})

test('more replicas than there are brokers, and brokers that are not here, are refused', async (context) => {
  await using cluster = await startRivvenCluster()
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  context.after(() => admin.close())
  await assert.rejects(admin.createTopics([{ name: 'four', partitions: 1, replicationFactor: 4 }]), {
    code: 'INVALID_REPLICATION_FACTOR',
  })
  await assert.rejects(admin.createTopics([{ name: 'nine', assignments: [[9]] }]), {
    code: 'INVALID_REPLICA_ASSIGNMENT',
    message: /There is no broker 9; this cluster has the brokers 1, 2 and 3/,
  })
})
