import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Producer } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

interface Row {
  readonly partition: number
  readonly lag: number
  readonly lagSeconds: number | null
  readonly logStartOffset: number | null
  readonly waiting: boolean | null
}

test('seconds of lag are told of partitions that other brokers lead than the coordinator, too: by all of them', async () => {
  const config = { lag_sample_interval_ms: 50, offsets_topic_num_partitions: 6 }
  await using cluster = await startRivvenCluster({ http: true, config })
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  const producer = new Producer({ bootstrapServers: cluster.bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 6 }])
  const partitions = [0, 1, 2, 3, 4, 5]
  await producer.sendMany(
    partitions.flatMap((partition) => [1, 2].map((value) => ({ topic: 'orders', partition, value: `${value}` }))),
  )
  const leaders = new Set(partitions.map((partition) => cluster.leaderOf('orders', partition)))
  assert.equal(leaders.size, 3)
  await admin.alterGroupOffsets(
    'g',
    partitions.map((partition) => ({ topic: 'orders', partition, offset: 1 })),
  )
  await eventually(async () => {
    const { items } = (await admin.call('GET', '/api/groups/g/lag')) as { items: Row[] }
    assert.deepEqual(
      items.map(({ partition, lag, logStartOffset, waiting }) => [partition, lag, logStartOffset, waiting]),
      partitions.map((partition) => [partition, 1, 0, true]),
    )
    for (const { lagSeconds } of items) assert.ok(lagSeconds !== null && lagSeconds >= 0 && lagSeconds < 600)
  })
  // The coordinator's page has seconds of them all, once it has looked.
  await eventually(async () => {
    const pages = await Promise.all(cluster.brokers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()))
    const series = pages.join('').match(/^rivven_consumer_group_lag_seconds\{group="g"/gm) ?? []
    assert.equal(series.length, partitions.length)
  })
  await admin.alterGroupOffsets(
    'g',
    partitions.map((partition) => ({ topic: 'orders', partition, offset: 2 })),
  )
  await eventually(async () => {
    const { items } = (await admin.call('GET', '/api/groups/g/lag')) as { items: Row[] }
    assert.deepEqual(
      items.map(({ lagSeconds }) => lagSeconds),
      [0, 0, 0, 0, 0, 0],
    )
  })
  await producer.close()
  await admin.close()
})
