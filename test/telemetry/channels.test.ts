import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import { test } from 'node:test'
import {
  Admin,
  type CommitTrace,
  type ConnectionNews,
  Consumer,
  type OffsetResetNews,
  type PartitionsNews,
  type PollTrace,
  type ProcessTrace,
  Producer,
  type RebalanceTrace,
  type RequestTrace,
  type SendTrace,
} from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { Listening } from './listening.js'

async function scene() {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 2 }])
  await admin.close()
  const producer = new Producer({ bootstrapServers, clientId: 'shop' })
  const consumer = new Consumer({
    bootstrapServers,
    clientId: 'worker',
    groupId: 'workers',
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
  })
  return {
    producer,
    consumer,
    async [Symbol.asyncDispose]() {
      await producer.close()
      await consumer.close()
      await rivven.close()
    },
  }
}

/** Orders, in partition 0. */
function orders(count: number) {
  return Array.from({ length: count }, (_, index) => ({ topic: 'orders', partition: 0, value: `order ${index}` }))
}

test('a send is traced from the call to its acknowledgement, and refused ones to their error', async () => {
  await using place = await scene()
  using heard = new Listening(['rivven:producer:send'])
  await place.producer.send({ topic: 'orders', partition: 1, key: 'o-1', value: 'paid' })
  await place.producer.sendMany(orders(3))
  await assert.rejects(place.producer.send({ topic: 'orders', partition: 7, value: 'x' }))
  const [one, many, bad] = heard.of<SendTrace>('rivven:producer:send', 'asyncEnd')
  assert.equal(one!.clientId, 'shop')
  assert.equal(one!.isMany, false)
  assert.equal(one!.transactionalId, null)
  assert.deepEqual(one!.records, [{ topic: 'orders', partition: 1, key: 'o-1', value: 'paid' }])
  assert.deepEqual(
    [one!.result].flat().map((result) => result?.offset),
    [0],
  )
  assert.equal(one!.server!.host, '127.0.0.1')
  assert.equal(many!.isMany, true)
  assert.deepEqual(many!.result, [{ topic: 'orders', partition: 0, offset: 0, count: 3 }])
  assert.match(String(bad!.error), /no partition 7/)
  assert.equal(heard.of('rivven:producer:send', 'error').length, 1)
})

test('what is no record is refused without a trace', async () => {
  await using place = await scene()
  using heard = new Listening(['rivven:producer:send'])
  await assert.rejects(place.producer.send({ topic: '', value: 'x' }), { code: 'INVALID_ARGUMENT' })
  assert.deepEqual(heard.told, [])
})

test('who listens to the start of a send adds headers, and the application keeps its record as it was', async () => {
  await using place = await scene()
  const addHeader = (message: unknown) => {
    for (const record of (message as SendTrace).records) record.headers = { trace: 'abc' }
  }
  const channel = tracingChannel('rivven:producer:send')
  channel.start.subscribe(addHeader)
  const record = { topic: 'orders', value: 'paid' }
  await place.producer.send(record).finally(() => channel.start.unsubscribe(addHeader))
  assert.deepEqual(record, { topic: 'orders', value: 'paid' })
  await place.consumer.subscribe('orders')
  const [read] = await place.consumer.poll(10_000)
  assert.deepEqual(
    read!.headers.map(({ key, value }) => `${key}=${value}`),
    ['trace=abc'],
  )
})

test('stores that are bound to a send are there until it is acknowledged', async () => {
  await using place = await scene()
  const store = new AsyncLocalStorage<string>()
  const channel = tracingChannel('rivven:producer:send')
  channel.start.bindStore(store, () => 'bound')
  const seen: (string | undefined)[] = []
  const look = () => void seen.push(store.getStore())
  channel.end.subscribe(look)
  await place.producer.send({ topic: 'orders', value: 'x' })
  channel.end.unsubscribe(look)
  channel.start.unbindStore(store)
  assert.deepEqual(seen, ['bound'])
})

test('in a loop each record is a process of its own, that ends when the next one is asked for or the loop is left', async () => {
  await using place = await scene()
  await place.producer.sendMany(orders(3))
  using heard = new Listening(['rivven:consumer:process', 'rivven:consumer:poll'])
  await place.consumer.subscribe('orders')
  let count = 0
  for await (const record of place.consumer) {
    const open = heard.of<ProcessTrace>('rivven:consumer:process', 'start').at(-1)!
    assert.deepEqual(open.records, [record])
    assert.equal(open.isComplete, undefined)
    if (++count === 2) break
  }
  const ended = heard.of<ProcessTrace>('rivven:consumer:process', 'asyncEnd')
  assert.deepEqual(
    ended.map(({ groupId, records, isComplete }) => ({ groupId, offset: records[0]!.offset, isComplete })),
    [
      { groupId: 'workers', offset: 0, isComplete: true },
      { groupId: 'workers', offset: 1, isComplete: false },
    ],
  )
  const polled = heard.of<PollTrace>('rivven:consumer:poll', 'asyncEnd')
  assert.equal(polled.at(-1)!.result!.length, 3)
})

test('what poll returns is one process until the next poll, or until close', async () => {
  await using place = await scene()
  await place.producer.sendMany(orders(3))
  using heard = new Listening(['rivven:consumer:process'])
  await place.consumer.subscribe('orders')
  assert.equal((await place.consumer.poll(10_000)).length, 3)
  assert.equal(heard.of('rivven:consumer:process', 'asyncEnd').length, 0)
  await place.producer.sendMany(orders(1))
  assert.equal((await place.consumer.poll(10_000)).length, 1)
  await place.consumer.close()
  const ended = heard.of<ProcessTrace>('rivven:consumer:process', 'asyncEnd')
  assert.deepEqual(
    ended.map(({ records, isComplete }) => ({ records: records.length, isComplete })),
    [
      { records: 3, isComplete: true },
      { records: 1, isComplete: false },
    ],
  )
})

test('commits are traced with their offsets and the coordinator', async () => {
  await using place = await scene()
  await place.producer.sendMany(orders(3))
  await place.consumer.subscribe('orders')
  await place.consumer.poll(10_000)
  using heard = new Listening(['rivven:consumer:commit'])
  await place.consumer.commit()
  const [commit] = heard.of<CommitTrace>('rivven:consumer:commit', 'asyncEnd')
  const { topic, partition, offset } = commit!.offsets[0]!
  assert.deepEqual({ topic, partition, offset }, { topic: 'orders', partition: 0, offset: 3 })
  assert.equal(commit!.groupId, 'workers')
  assert.equal(commit!.server!.host, '127.0.0.1')
  assert.equal(commit!.error, undefined)
})

test('a rebalance is traced until its partitions are taken over, and partitions that come and go are told', async () => {
  await using place = await scene()
  await place.producer.sendMany(orders(1))
  const plain = ['assigned', 'revoked', 'lost', 'offset-reset'].map((name) => `rivven:consumer:${name}`)
  using heard = new Listening(['rivven:consumer:rebalance'], plain)
  await place.consumer.subscribe('orders')
  await place.consumer.poll(10_000)
  const both = [0, 1].map((partition) => ({ topic: 'orders', partition }))
  const [rebalance] = heard.of<RebalanceTrace>('rivven:consumer:rebalance', 'asyncEnd')
  assert.equal(rebalance!.cause, 'first join')
  assert.equal(rebalance!.generation, 1)
  assert.equal(rebalance!.memberId, place.consumer.memberId)
  assert.deepEqual(rebalance!.partitions, both)
  const [assigned] = heard.of<PartitionsNews>('rivven:consumer:assigned')
  const { clientId, groupId, generation, cause } = assigned!
  assert.deepEqual(
    { clientId, groupId, generation, cause },
    { clientId: 'worker', groupId: 'workers', generation: 1, cause: 'first join' },
  )
  assert.deepEqual(assigned!.partitions, both)
  const resets = heard.of<OffsetResetNews>('rivven:consumer:offset-reset')
  assert.deepEqual(
    resets.map(({ topic, partition, offset, to, lost }) => ({ topic, partition, offset, to, lost })),
    both.map((one) => ({ ...one, offset: 0, to: 'earliest', lost: null })),
  )
  await place.consumer.unsubscribe()
  assert.deepEqual(
    heard.of<PartitionsNews>('rivven:consumer:revoked').map(({ partitions }) => partitions),
    [both],
  )
  assert.deepEqual(heard.of('rivven:consumer:lost'), [])
})

test("requests are traced by Kafka's names, and connections told when they can be used and when they are gone", async () => {
  await using place = await scene()
  using heard = new Listening(['rivven:client:request'], ['rivven:client:connected', 'rivven:client:disconnected'])
  await place.producer.send({ topic: 'orders', value: 'x' })
  await place.producer.close()
  const requests = heard
    .of<RequestTrace>('rivven:client:request', 'asyncEnd')
    .filter(({ clientId }) => clientId === 'shop')
  const apis = requests.map(({ api }) => api)
  assert.deepEqual([...new Set(apis)], ['Metadata', 'InitProducerId', 'Produce'])
  assert.ok(requests.every(({ version, address, result }) => version >= 0 && address.port > 0 && result))
  const connected = heard.of<ConnectionNews>('rivven:client:connected')
  const gone = () => heard.of<ConnectionNews>('rivven:client:disconnected')
  assert.ok(connected.length >= 1)
  assert.deepEqual(
    connected.map(({ channel }) => channel),
    connected.map(() => 'main'),
  )
  await eventually(() => assert.equal(gone().length, connected.length))
  assert.match(String(gone()[0]!.error), /client was closed/)
})

test('while nobody listens nothing is made: a channel is asked once for each send and poll, and not for each record read', async () => {
  await using place = await scene()
  await place.producer.sendMany(orders(1))
  await place.consumer.subscribe('orders')
  await place.consumer.poll(10_000)
  const asked = new Map<string, number>()
  const names = ['producer:send', 'consumer:poll', 'consumer:process'].map((name) => `tracing:rivven:${name}:start`)
  const channels = names.map((name) => channel(name))
  for (const one of channels) {
    const name = String(one.name)
    Object.defineProperty(one, 'hasSubscribers', {
      configurable: true,
      get: () => void asked.set(name, (asked.get(name) ?? 0) + 1),
    })
    const made = () => assert.fail(`${name} was told something`)
    Object.assign(one, { publish: made, runStores: made })
  }
  await place.producer.sendMany(orders(500))
  let polls = 0
  for (let count = 0; count < 500; polls++) count += (await place.consumer.poll(10_000)).length
  const [sends, polled, processed] = names.map((name) => asked.get(name))
  for (const one of channels)
    for (const name of ['hasSubscribers', 'publish', 'runStores']) Reflect.deleteProperty(one, name)
  assert.equal(sends, 1)
  assert.equal(polled, polls)
  assert.ok(processed! <= polls)
})
