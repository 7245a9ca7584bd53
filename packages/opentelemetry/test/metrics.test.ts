import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instrumented } from './instrumented.js'

const order = { topic: 'orders', value: 'paid' }

test('records that are sent and consumed are counted, and how long it took is measured', async () => {
  await using place = await instrumented()
  await place.producer.sendMany([order, order, order])
  await assert.rejects(place.producer.send({ ...order, partition: 7 }))
  await place.consumer.subscribe('orders')
  await place.consumer.poll(10_000)
  await place.consumer.commit()
  await place.consumer.close()
  const metric = await place.collect()
  const about = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' }
  const sending = { ...about, 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' }
  assert.deepEqual(
    metric('messaging.client.sent.messages').map(({ attributes, value }) => ({ attributes, value })),
    [
      { attributes: sending, value: 3 },
      { attributes: { ...sending, 'error.type': 'INVALID_ARGUMENT' }, value: 1 },
    ],
  )
  const [consumed] = metric('messaging.client.consumed.messages')
  assert.equal(consumed!.value, 3)
  assert.equal(consumed!.attributes['messaging.consumer.group.name'], 'workers')
  const durations = metric('messaging.client.operation.duration')
  assert.deepEqual(
    durations.map(({ attributes }) => attributes['messaging.operation.name']),
    ['send', 'send', 'poll', 'commit'],
  )
  const [processed] = metric('messaging.process.duration')
  assert.equal((processed!.value as { count: number }).count, 1)
})

test('the lag of each partition is there as long as its consumer is', async () => {
  await using place = await instrumented()
  await place.producer.sendMany([order, order, order])
  await place.consumer.subscribe('orders')
  await place.consumer.poll(10_000)
  const [lag] = (await place.collect())('rivven.consumer.lag')
  assert.deepEqual(lag!.attributes, {
    'messaging.system': 'kafka',
    'messaging.client.id': 'worker',
    'messaging.destination.name': 'orders',
    'messaging.destination.partition.id': '0',
    'messaging.consumer.group.name': 'workers',
  })
  assert.equal(lag!.value, 0)
  await place.consumer.close()
  assert.deepEqual((await place.collect())('rivven.consumer.lag'), [])
})
