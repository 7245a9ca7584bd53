import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { coordinatorOf } from './coordinator-of.js'

test('a member that fetches nothing from its coordinator hears of a rebalance all the same, long before its heartbeat', async () => {
  await using cluster = await startRivvenCluster()
  const { bootstrapServers } = cluster
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([
    { name: 'orders', partitions: 1 },
    { name: 'of-groups', partitions: 1 },
  ])
  // The first group makes the topic of groups.
  await admin.alterGroupOffsets('first', [{ topic: 'orders', partition: 0, offset: 0 }])
  const names = Array.from({ length: 20 }, (_, at) => `g${at}`)
  const groupId = names.find((name) => coordinatorOf(cluster, name, 50) !== cluster.leaderOf('orders', 0))!
  // Heartbeats come too late for this test: the group would not be complete before.
  const rare = { heartbeatIntervalMs: 100_000, sessionTimeoutMs: 400_000 }
  const [one, two] = [1, 2].map(() => new Consumer({ bootstrapServers, groupId, ...rare }))
  await one!.subscribe('orders')
  await eventually(async () => {
    await one!.poll(100)
    assert.equal(one!.assignment().length, 1)
  })
  await two!.subscribe('orders')
  await eventually(async () => {
    await Promise.all([one!.poll(100), two!.poll(100)])
    const [group] = await admin.describeGroups([groupId])
    assert.deepEqual([group?.state, group?.members.length], ['Stable', 2])
  })
  await Promise.all([one!.close(), two!.close(), admin.close()])
})
