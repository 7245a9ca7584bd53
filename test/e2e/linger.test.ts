import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'

test('records of a producer that lingers are all acknowledged, whenever its timers fire', {
  timeout: 60_000,
}, async () => {
  await using rivven = await startRivven({ config: { num_partitions: 3 } })
  const producer = new Producer({ bootstrapServers: [rivven.bootstrapServers], lingerMs: 5 })
  for (let round = 0; round < 40; round++) {
    const sent = Array.from({ length: 20 }, (_, at) =>
      producer.send({ topic: 'lingering', key: String(at), value: `${round}` }),
    )
    assert.equal((await Promise.all(sent)).length, 20)
  }
  await producer.close()
})
