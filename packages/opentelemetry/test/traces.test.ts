import assert from 'node:assert/strict'
import { test } from 'node:test'
import { context, createTraceState, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { processContext } from '../src/index.js'
import { instrumented } from './instrumented.js'

const order = { topic: 'orders', key: 'o-1', value: 'paid' }

test('what is done with a record is linked to the span of its send, which is a part of what the application did', async () => {
  await using place = await instrumented()
  const application = await place.within('checkout', async (span) => {
    await place.producer.send(order)
    return span.spanContext()
  })
  await place.consumer.subscribe('orders')
  for await (const record of place.consumer) {
    assert.equal(record.value!.toString(), 'paid')
    break
  }
  const [send] = place.spans('send orders')
  const [process] = place.spans('process orders')
  const [poll] = place.spans('poll orders')
  assert.equal(send!.kind, SpanKind.PRODUCER)
  assert.equal(send!.parentSpanContext!.spanId, application.spanId)
  assert.equal(process!.kind, SpanKind.CONSUMER)
  const { traceId, spanId } = send!.spanContext()
  for (const span of [process!, poll!])
    assert.deepEqual(
      span.links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
      [{ traceId, spanId }],
    )
  assert.notEqual(process!.spanContext().traceId, traceId)
})

test('spans have the attributes of the conventions', async () => {
  await using place = await instrumented()
  await place.producer.send(order)
  await place.consumer.subscribe('orders')
  for await (const record of place.consumer) {
    await place.consumer.commit(record)
    break
  }
  const attributesOf = (name: string) => {
    const { 'server.port': port, ...others } = place.spans(name)[0]!.attributes
    return { ...others, ...(port !== undefined && { 'server.port': typeof port }) }
  }
  const common = (operation: string, type: string) => ({
    'messaging.system': 'kafka',
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': 'orders',
    'messaging.destination.partition.id': '0',
  })
  const server = { 'server.address': '127.0.0.1', 'server.port': 'number' }
  const worker = { 'messaging.client.id': 'worker', 'messaging.consumer.group.name': 'workers' }
  assert.deepEqual(attributesOf('send orders'), {
    ...common('send', 'send'),
    ...server,
    'messaging.client.id': 'shop',
    'messaging.kafka.offset': 0,
  })
  assert.deepEqual(attributesOf('poll orders'), {
    ...common('poll', 'receive'),
    ...worker,
    'messaging.batch.message_count': 1,
  })
  assert.deepEqual(attributesOf('process orders'), {
    ...common('process', 'process'),
    ...worker,
    'messaging.kafka.offset': 0,
    'rivven.process.left': true,
  })
  assert.deepEqual(attributesOf('commit orders'), {
    ...common('commit', 'settle'),
    ...worker,
    ...server,
    'messaging.kafka.offset': 1,
  })
  assert.equal(place.spans('commit orders')[0]!.kind, SpanKind.CLIENT)
})

test('keys of records are shown only where that is wanted, and tombstones are named', async () => {
  await using place = await instrumented({ recordKeys: true })
  await place.producer.send({ topic: 'orders', key: 'o-1', value: null })
  await place.producer.send({ topic: 'orders', key: Buffer.from([0xff, 0xfe]), value: 'x' })
  const [text, bytes] = place.spans('send orders').map(({ attributes }) => attributes)
  assert.equal(text!['messaging.kafka.message.key'], 'o-1')
  assert.equal(text!['messaging.kafka.message.tombstone'], true)
  assert.equal(bytes!['messaging.kafka.message.key'], undefined)
  assert.equal(bytes!['messaging.kafka.message.tombstone'], undefined)
})

test('sendMany is one span, and what one poll brought is one with a link to each sender, 128 at most', async () => {
  await using place = await instrumented()
  const many = Array.from({ length: 40 }, (_, index) => ({ topic: 'orders', value: `order ${index}` }))
  await place.producer.sendMany(many)
  await Promise.all(Array.from({ length: 200 }, () => place.producer.send(order)))
  const [send] = place.spans('send orders')
  assert.equal(send!.attributes['messaging.batch.message_count'], 40)
  await place.consumer.subscribe('orders')
  let count = 0
  while (count < 240) count += (await place.consumer.poll(10_000)).length
  await place.consumer.close()
  const processed = place.spans('process orders')
  assert.equal(
    processed.reduce((sum, { attributes }) => sum + Number(attributes['messaging.batch.message_count'] ?? 1), 0),
    240,
  )
  assert.equal(processed[0]!.links[0]!.context.spanId, send!.spanContext().spanId)
  assert.ok(processed.every(({ links }) => links.length <= 128))
})

test('a send that fails is a span with the error', async () => {
  await using place = await instrumented()
  await assert.rejects(place.producer.send({ topic: 'orders', partition: 7, value: 'x' }))
  const [send] = place.spans('send orders')
  assert.equal(send!.status.code, SpanStatusCode.ERROR)
  assert.equal(send!.attributes['error.type'], 'INVALID_ARGUMENT')
})

test('headers of the application stay in their order, and a context that came with them gives way', async () => {
  await using place = await instrumented()
  const headers = [
    ['a', '1'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['a', '2'],
  ] as const
  const traceState = createTraceState('vendor=x')
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, traceState }
  await context.with(trace.setSpanContext(context.active(), remote), () => place.producer.send({ ...order, headers }))
  await place.consumer.subscribe('orders')
  const [record] = await place.consumer.poll(10_000)
  const { spanId } = place.spans('send orders')[0]!.spanContext()
  assert.deepEqual(
    record!.headers.map(({ key, value }) => `${key}=${value}`),
    ['a=1', 'a=2', `traceparent=00-${'a'.repeat(32)}-${spanId}-01`, 'tracestate=vendor=x'],
  )
})

test('what is written in headers is what W3C propagators read, and theirs is understood', async () => {
  await using place = await instrumented()
  await place.producer.send(order)
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  await place.producer.send(order)
  await place.consumer.subscribe('orders')
  let count = 0
  while (count < 2) count += (await place.consumer.poll(10_000)).length
  await place.consumer.close()
  propagation.disable()
  const sent = place.spans('send orders').map((span) => span.spanContext().spanId)
  const linked = place.spans('process orders').flatMap(({ links }) => links.map(({ context }) => context.spanId))
  assert.deepEqual(linked, sent)
})

test('headers that are no context, or of none, make no links', async () => {
  await using place = await instrumented()
  place.disable()
  for (const traceparent of [
    'nonsense',
    `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`,
    `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  ])
    await place.producer.send({ ...order, headers: { traceparent } })
  place.enable()
  await place.consumer.subscribe('orders')
  await place.consumer.poll(10_000)
  await place.consumer.close()
  const [process] = place.spans('process orders')
  assert.deepEqual(process!.links, [])
})

test('a loop takes what it does into the span of its record', async () => {
  await using place = await instrumented()
  await place.producer.send(order)
  await place.consumer.subscribe('orders')
  for await (const record of place.consumer) {
    await context.with(processContext(record), () => place.within('charge', async () => undefined))
    break
  }
  const [process] = place.spans('process orders')
  assert.equal(place.spans('charge')[0]!.parentSpanContext!.spanId, process!.spanContext().spanId)
})

test('nothing is made any more once it is disabled, nor written into headers', async () => {
  await using place = await instrumented()
  place.disable()
  await place.producer.send(order)
  await place.consumer.subscribe('orders')
  const [record] = await place.consumer.poll(10_000)
  assert.deepEqual(record!.headers, [])
  assert.equal(processContext(record!), context.active())
  assert.deepEqual(place.spans('send orders'), [])
})
