import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

async function scene() {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers, clientId: 'house' })
  await admin.createTopics([{ name: 'orders', partitions: 2 }])
  const producer = new Producer({ bootstrapServers, clientId: 'shop' })
  const options = { clientId: 'worker', groupId: 'workers', autoOffsetReset: 'earliest' } as const
  const consumer = new Consumer({ bootstrapServers, ...options, maxPollRecords: 10 })
  return {
    admin,
    producer,
    consumer,
    async [Symbol.asyncDispose]() {
      await producer.close()
      await consumer.close()
      await admin.close()
      await rivven.close()
    },
  }
}

function orders(count: number) {
  return Array.from({ length: count }, (_, index) => ({ topic: 'orders', partition: 0, value: `order ${index}` }))
}

test('a client that did nothing yet has figures of nothing', async () => {
  const producer = new Producer({ bootstrapServers: 'localhost:1', clientId: 'shop' })
  const { clientId, requests, bytesSent, connections, records, bufferedBytes, deliveryMs } = producer.metrics()
  assert.deepEqual(
    { clientId, requests, bytesSent, connections, records, bufferedBytes, delivered: deliveryMs.count },
    {
      clientId: 'shop',
      requests: [],
      bytesSent: 0,
      connections: { open: 0, opened: 0, reconnects: 0 },
      records: { acknowledged: 0, failed: 0 },
      bufferedBytes: 0,
      delivered: 0,
    },
  )
  await producer.close()
})

test('a producer counts records, batches and bytes, and how long requests and deliveries took', async () => {
  await using place = await scene()
  await place.producer.sendMany(orders(25))
  const pending = place.producer.send({ topic: 'orders', partition: 1, value: 'x' })
  assert.ok(place.producer.metrics().bufferedBytes > 0)
  await pending
  const { records, batches, bufferedBytes, deliveryMs, requests, bytesSent, bytesReceived, connections } =
    place.producer.metrics()
  assert.deepEqual(records, { acknowledged: 26, failed: 0 })
  assert.deepEqual({ ...batches, bytes: batches.bytes > 25 }, { acknowledged: 2, failed: 0, retries: 0, bytes: true })
  assert.equal(bufferedBytes, 0)
  assert.equal(deliveryMs.count, 2)
  const produce = requests.find(({ api }) => api === 'Produce')!
  assert.deepEqual(
    { answered: produce.answered, failed: produce.failed, inFlight: produce.inFlight },
    { answered: 2, failed: 0, inFlight: 0 },
  )
  const { buckets, count, max, sum } = produce.latencyMs
  assert.equal(count, 2)
  assert.ok(buckets.every((bucket, at) => bucket.count >= (buckets[at - 1]?.count ?? 0)))
  assert.ok(max <= sum)
  assert.ok(bytesSent > 25 && bytesReceived > 0)
  assert.equal(connections.open, connections.opened)
})

test('records that fail are counted as such', async () => {
  await using place = await scene()
  await assert.rejects(place.producer.send({ topic: 'orders', partition: 0, value: Buffer.alloc(3_000_000) }))
  const { records, batches } = place.producer.metrics()
  assert.deepEqual(records, { acknowledged: 0, failed: 1 })
  assert.equal(batches.failed, 1)
})

test('a consumer knows the lag of its partitions without asking, what it polled, committed and waited for', async () => {
  await using place = await scene()
  const { producer, consumer } = place
  await producer.sendMany(orders(25))
  await consumer.subscribe('orders')
  assert.equal((await consumer.poll(10_000)).length, 10)
  await consumer.commit()
  const first = consumer.metrics()
  assert.deepEqual(
    first.partitions.map(({ partition, position, end, lag, isPaused }) => ({
      partition,
      position,
      end,
      lag,
      isPaused,
    }))[0],
    { partition: 0, position: 10, end: 25, lag: 15, isPaused: false },
  )
  const { groupId, state, polls, commits, rebalances, fetchedBytes, bufferedBytes } = first
  assert.deepEqual(
    { groupId, state, records: polls.records, commits: commits.done, rebalances: rebalances.count },
    { groupId: 'workers', state: 'stable', records: 10, commits: 1, rebalances: 1 },
  )
  assert.ok(rebalances.totalMs > 0 && fetchedBytes > 0 && bufferedBytes > 0)
  while (consumer.metrics().polls.records < 25) await consumer.poll(10_000)
  assert.equal(consumer.metrics().partitions[0]!.lag, 0)
})

test('the lag is that of the last fetch, and for how long a partition is paused is counted', async () => {
  await using place = await scene()
  const { producer, consumer } = place
  const partition = { topic: 'orders', partition: 0 }
  await consumer.assign([partition])
  await consumer.poll(100)
  consumer.pause([partition])
  await producer.sendMany(orders(3))
  await eventually(() => assert.ok(consumer.metrics().partitions[0]!.pausedMs > 0))
  assert.equal(consumer.metrics().partitions[0]!.isPaused, true)
  consumer.resume([partition])
  const { pausedMs } = consumer.metrics().partitions[0]!
  await eventually(() => assert.equal(consumer.metrics().partitions[0]!.lag, 3))
  assert.equal(consumer.metrics().partitions[0]!.pausedMs, pausedMs)
})

test('a connection that takes the place of an earlier one is a reconnect', async () => {
  const rivven = await startRivven()
  const producer = new Producer({ bootstrapServers: rivven.bootstrapServers })
  const admin = new Admin({ bootstrapServers: rivven.bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 1 }])
  await producer.send({ topic: 'orders', value: 'x' })
  assert.equal(producer.metrics().connections.reconnects, 0)
  await rivven.restart('kill')
  await producer.send({ topic: 'orders', value: 'y' })
  assert.ok(producer.metrics().connections.reconnects > 0)
  assert.deepEqual(
    admin
      .metrics()
      .requests.map(({ api }) => api)
      .filter((api) => api === 'CreateTopics'),
    ['CreateTopics'],
  )
  await Promise.all([producer.close(), admin.close()])
  await rivven.close()
})
