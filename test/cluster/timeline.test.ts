import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer } from '@rivven/client'
import { type RivvenCluster, startRivvenCluster } from '@rivven/testing'
import { rivvenctl } from '../e2e/rivvenctl.js'
import { eventually } from '../support/eventually.js'
import { coordinatorOf } from './coordinator-of.js'

const topic = '__rivven_rebalances'

/** What a broker remembers of a group. */
async function remembered(cluster: RivvenCluster, id: number, group: string): Promise<unknown[]> {
  const { url } = cluster.brokers.find((broker) => broker.id === id)!
  const response = await fetch(`${url}/api/groups/${group}/timeline`)
  return ((await response.json()) as { rebalances: unknown[] }).rebalances
}

function memberOf(cluster: RivvenCluster, groupId: string): Consumer {
  const { bootstrapServers } = cluster
  return new Consumer({ bootstrapServers, groupId, heartbeatIntervalMs: 200 })
}

/** All poll until each of them has partitions. */
async function settle(...members: readonly Consumer[]): Promise<void> {
  await eventually(async () => {
    await Promise.all(members.map((consumer) => consumer.poll(50)))
    assert.ok(members.every((consumer) => consumer.assignment().length > 0))
  })
}

test('a group’s timeline is whole wherever it is led and coordinated, and after a kill of its coordinator', async () => {
  await using cluster = await startRivvenCluster({ http: true, config: { auto_leader_rebalance_enable: false } })
  const { bootstrapServers } = cluster
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 4 }])
  // The first story makes the topic.
  const first = memberOf(cluster, 'first')
  await first.subscribe('orders')
  await settle(first)
  await first.close()
  await eventually(() => assert.notEqual(cluster.leaderOf(topic, 0), null))
  const names = Array.from({ length: 20 }, (_, at) => `g${at}`)
  const group = names.find((name) => coordinatorOf(cluster, name, 50) !== cluster.leaderOf(topic, 0))!
  const before = coordinatorOf(cluster, group, 50)!
  const [one, two] = [memberOf(cluster, group), memberOf(cluster, group)]
  await one.subscribe('orders')
  await settle(one)
  await eventually(async () => assert.equal((await admin.groupTimeline(group)).length, 1))
  await cluster.kill(before)
  await eventually(() => assert.notEqual(coordinatorOf(cluster, group, 50), before))
  const after = coordinatorOf(cluster, group, 50)!
  await two.subscribe('orders')
  await settle(one, two)
  await eventually(async () => {
    const stories = await admin.groupTimeline(group)
    assert.equal(stories.at(-1)?.membersAfter, 2)
    assert.deepEqual([stories[0]?.broker, stories.at(-1)?.broker], [before, after])
    assert.deepEqual(await remembered(cluster, after, group), stories)
  })
  const explained = await rivvenctl(['-b', bootstrapServers, 'group', 'timeline', group, '-o', 'json'])
  assert.equal(explained.status, 0, explained.words)
  assert.match(explained.out, new RegExp(`"broker":\\s*${before}`))
  await Promise.all([one.close(), two.close()])
  await admin.close()
})
