import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Producer, RecordTooLargeError } from '@rivven/client'
import { startRivven } from '@rivven/testing'

test('a record above what the broker takes in a request is refused with the limit, and nothing else is held up', async () => {
  await using rivven = await startRivven({ config: { socket_request_max_bytes: 2_000_000 } })
  const producer = new Producer({ bootstrapServers: rivven.bootstrapServers })
  await producer.send({ topic: 'orders', value: 'first' })
  const large = producer.send({ topic: 'orders', value: Buffer.alloc(3_000_000) })
  const next = producer.send({ topic: 'orders', value: 'next' })
  await assert.rejects(large, (error) => {
    assert.ok(error instanceof RecordTooLargeError)
    assert.match(error.message, /broker \d+ takes 2000000 \(socket\.request\.max\.bytes\)/)
    return true
  })
  assert.equal((await next).offset, 1)
  await producer.close()
})
