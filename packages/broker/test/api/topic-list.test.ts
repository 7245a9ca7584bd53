import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GroupPage } from '../../src/api/groups/group-shapes.js'
import type { TopicList } from '../../src/api/topics/topic-shapes.js'
import { busyBroker } from './busy-broker.js'

test('topics tell what they store, how fast it comes where that is sampled, and how many groups read them', async (t) => {
  const { broker, client } = await busyBroker(t, { lag_sample_interval_ms: 20 })
  const rows = async () => {
    const { items } = (await broker.json('/api/topics')) as TopicList
    return new Map(items.map((row) => [row.topic, row]))
  }
  await client.makeTopic('unread', 1)
  await client.commit('second', 'orders', 1)
  let found = await rows()
  while (found.get('orders')?.producedPerSecond === null) found = await rows()
  assert.deepEqual(
    [...found.values()].map(({ topic, groupCount }) => [topic, groupCount]),
    [
      ['orders', 2],
      ['payments', 1],
      ['unread', 0],
    ],
  )
  assert.ok((found.get('orders')?.size ?? 0) > 0)
  assert.deepEqual([found.get('unread')?.size, found.get('unread')?.producedPerSecond], [0, null])
})

test('a group without members tells when its offsets expire, one with members has none that do', async (t) => {
  const { broker } = await busyBroker(t, { offsets_retention_minutes: 60 })
  const idle = (await broker.json('/api/groups/idle')) as GroupPage
  const [offset] = idle.offsets
  assert.equal(idle.offsetsExpireAt, (offset?.committedAt ?? 0) + 3_600_000)
  assert.equal(((await broker.json('/api/groups/g%2F1')) as GroupPage).offsetsExpireAt, null)
})
