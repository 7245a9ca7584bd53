import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RivvenCluster, startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { coordinatorOf } from './coordinator-of.js'
import { PARTITIONS, TOPIC, WorkingGroup, Writer } from './working-group.js'

const OFFSETS_PARTITIONS = 6
const config = { num_partitions: PARTITIONS, offsets_topic_num_partitions: OFFSETS_PARTITIONS }

function leaders(cluster: RivvenCluster): (number | null)[] {
  const topics = [TOPIC, '__consumer_offsets']
  return topics.flatMap((topic) => Array.from({ length: 6 }, (_, partition) => cluster.leaderOf(topic, partition)))
}

test('every partition changes its leader while a group works: no rebalance, all records once and in order', async () => {
  await using cluster = await startRivvenCluster({ config })
  await using writer = new Writer(cluster.bootstrapServers)
  await using group = new WorkingGroup(cluster.bootstrapServers, { groupId: 'workers', members: 3 })
  await group.works()
  const { generations, assignments } = group
  const first = leaders(cluster)
  const moved = first.map(() => false)
  for (const id of [1, 2, 3]) {
    await cluster.drain(id)
    for (const [at, leader] of leaders(cluster).entries()) moved[at] ||= leader !== first[at]
    await writer.more(3)
    await cluster.undrain(id)
    await eventually(() => assert.ok(leaders(cluster).includes(id)))
  }
  assert.ok(!moved.includes(false))
  await writer.more(3)
  await writer.stop()
  await group.hasRead(writer.count)
  assert.deepEqual(group.generations, generations)
  assert.equal(group.assignments, assignments)
})

test('brokers are killed under a working group, its coordinator first: no rebalance, all records once and in order', async () => {
  await using cluster = await startRivvenCluster({ config })
  await using writer = new Writer(cluster.bootstrapServers)
  await using group = new WorkingGroup(cluster.bootstrapServers, { groupId: 'workers', members: 3 })
  await group.works()
  const { generations, assignments } = group
  const coordinator = coordinatorOf(cluster, 'workers', OFFSETS_PARTITIONS)!
  for (const id of [coordinator, (coordinator % 3) + 1]) {
    await cluster.kill(id)
    await writer.more(3)
    await cluster.restart(id)
    await eventually(() => assert.equal(leaders(cluster).filter((leader) => leader === id).length, 4))
    await writer.more(3)
  }
  await writer.stop()
  await group.hasRead(writer.count)
  assert.deepEqual(group.generations, generations)
  assert.equal(group.assignments, assignments)
})
