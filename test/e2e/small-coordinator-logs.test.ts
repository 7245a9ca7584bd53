import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin } from '@rivven/client'
import { startRivvenCluster } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

const MIB = 1_048_576

test('what a coordinator of a cluster has to load stays small: its log rolls at 4 MiB, and is compacted soon after', async (context) => {
  const config = { offsets_topic_num_partitions: 1, log_cleaner_backoff_ms: 50 }
  await using cluster = await startRivvenCluster({ brokers: 2, http: true, config })
  const admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  context.after(() => admin.close())
  await admin.createTopics([{ name: 'orders', partitions: 100 }])
  const metadata = 'x'.repeat(4_000)
  const commit = (offset: number) =>
    admin.alterGroupOffsets(
      'readers',
      Array.from({ length: 100 }, (_, partition) => ({ topic: 'orders', partition, offset, metadata })),
    )
  for (let offset = 0; offset < 12; offset++) await commit(offset)
  const { url } = cluster.brokers[cluster.leaderOf('__consumer_offsets', 0)! - 1]!
  await eventually(async () => {
    const page = await (await fetch(`${url}/metrics`)).text()
    const [, size] = /^rivven_log_size_bytes\{topic="__consumer_offsets",partition="0"\} (\d+)$/m.exec(page) ?? []
    assert.ok(Number(size) > 0 && Number(size) < 2 * MIB, `${size} bytes are left of 4.6 MiB`)
  })
})
