import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

test('compaction has a timer of its own: a topic gets small long before retention is looked at', async () => {
  // Retention comes after 30 s for the first time.
  await using rivven = await startRivven({ http: true, config: { log_cleaner_backoff_ms: 20 } })
  const { bootstrapServers, url } = rivven
  const sizeOf = async (topic: string): Promise<number> => {
    const page = await (await fetch(`${url}/metrics`)).text()
    return Number(new RegExp(`^rivven_log_size_bytes{topic="${topic}",partition="0"} (\\d+)$`, 'm').exec(page)?.[1])
  }
  const admin = new Admin({ bootstrapServers })
  const always = { 'segment.ms': '1', 'min.cleanable.dirty.ratio': '0' }
  await admin.createTopics([
    { name: 'latest', configs: { ...always, 'cleanup.policy': 'compact' } },
    { name: 'all', configs: always },
  ])
  const producer = new Producer({ bootstrapServers })
  for (const topic of ['latest', 'all']) {
    for (let time = 0; time < 20; time++) {
      await producer.send({ topic, key: 'k', value: 'x'.repeat(100), timestamp: Date.now() + time * 10 })
    }
  }
  await eventually(async () => {
    const [latest, all] = [await sizeOf('latest'), await sizeOf('all')]
    assert.ok(latest * 5 < all, `${latest} of ${all} bytes`)
  })
  await producer.close()
  await admin.close()
})
