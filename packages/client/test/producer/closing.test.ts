import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '@rivven/fakes'
import { DescribeConfigs, Metadata, type MetadataRequest, Produce } from '@rivven/protocol'
import { Producer, type ProducerOptions, RecordTooLargeError, type RivvenError } from '../../src/index.js'
import { TinyCluster } from '../support/tiny-cluster.js'

function scene(options: Partial<ProducerOptions> = {}) {
  const runtime = fakeRuntime()
  const tiny = new TinyCluster(runtime.network, 1)
  const producer = new Producer({ bootstrapServers: tiny.bootstrapServers, runtime, ...options })
  return { runtime, clock: runtime.clock, tiny, producer }
}

test('every close waits for the same end: all records are acknowledged after the second one, too', async () => {
  const { clock, tiny, producer } = scene()
  const [partition] = tiny.createTopic('t', 1)
  const sends = Array.from({ length: 100 }, (_, index) => producer.send({ topic: 't', value: `${index}` }))
  const first = producer.close()
  const second = producer.close()
  await clock.until(second)
  assert.equal(partition!.values.length, 100)
  await Promise.all([first, ...sends, producer.close()])
})

test('close does not wait long for a topic that is not there', async () => {
  const { clock, producer } = scene({ allowAutoCreate: false })
  const sending = producer.send({ topic: 'nowhere', value: 'x' })
  const failed = assert.rejects(sending, { code: 'UNKNOWN_TOPIC_OR_PARTITION' })
  await clock.advance(1000)
  const before = clock.monotonic()
  await clock.until(producer.close())
  await failed
  assert.ok(clock.monotonic() - before < 5000, `close took ${clock.monotonic() - before} ms`)
  assert.equal(clock.pending, 0)
})

test('close sends what waits for a topic that is just being made', async () => {
  const { clock, tiny, producer } = scene()
  const sending = producer.send({ topic: 't', value: 'x' })
  const closing = producer.close()
  await settle()
  tiny.createTopic('t', 1)
  await clock.until(closing)
  assert.equal((await sending).offset, 0)
})

test('close with nobody there waits for records in hand alone, and their error says what stood in the way', async () => {
  const { clock, tiny, producer, runtime } = scene()
  tiny.createTopic('t', 1)
  const idle = new Producer({ bootstrapServers: tiny.bootstrapServers, runtime })
  for (const sender of [producer, idle]) await clock.until(sender.send({ topic: 't', value: 'x' }))
  runtime.network.down.add('broker-0:9000')
  for (const end of runtime.network.connections) end.close()
  await clock.advance(100)
  const before = clock.monotonic()
  await clock.until(idle.close())
  assert.equal(clock.monotonic(), before)
  const failed = producer.send({ topic: 't', value: 'y' }).catch((error: RivvenError) => error)
  await clock.until(producer.close({ timeoutMs: 5000 }))
  const error = (await failed) as RivvenError
  assert.equal(error.code, 'CLIENT_CLOSED')
  assert.match(error.message, /closed before 1 records for t\/0 were acknowledged\. Last: .*connection refused/)
  assert.equal(clock.monotonic() - before, 5000)
})

test('a hundred new topics of one sendMany are asked for at once', async () => {
  const { clock, tiny, producer } = scene()
  const names = Array.from({ length: 100 }, (_, index) => `t${index}`)
  for (const name of names) tiny.createTopic(name, 1)
  await clock.until(producer.sendMany(names.map((topic) => ({ topic, value: 'x' }))))
  const asked = tiny.requestsOf(Metadata).map(({ request }) => (request as MetadataRequest).topics?.length ?? 0)
  assert.ok(asked.length <= 4, `${asked.length} requests: ${asked.join(', ')}`)
  for (const name of names) assert.equal(tiny.topics.get(name)![0]!.values.length, 1)
})

test('many that wait are no leak: Node warns of none', async (context) => {
  const warnings: Error[] = []
  const listen = (warning: Error) => warnings.push(warning)
  process.on('warning', listen)
  context.after(() => process.off('warning', listen))
  const { clock, producer, runtime } = scene()
  runtime.network.down.add('broker-0:9000')
  const sends = Array.from({ length: 30 }, (_, index) => producer.send({ topic: `t${index}`, value: 'x' }))
  const ended = Promise.allSettled(sends)
  await clock.advance(2000)
  await clock.until(producer.close())
  await ended
  await settle()
  assert.deepEqual(warnings, [])
})

test('a record above what the broker takes in a request fails soon, and the others are sent', async () => {
  const { clock, tiny, producer } = scene()
  tiny.createTopic('t', 1)
  const limit = 2 * 1024 * 1024
  tiny.fate = ({ api, request }) => {
    if (api !== Produce) return 'answer'
    const { topicData } = request as { topicData: { partitionData: { records: Buffer }[] }[] }
    const bytes = topicData.flatMap(({ partitionData }) => partitionData.map(({ records }) => records.length))
    return bytes.some((size) => size > limit) ? 'close before' : 'answer'
  }
  tiny.scripts.set(DescribeConfigs, () => ({
    results: [
      {
        errorCode: 0,
        resourceType: 4,
        resourceName: '0',
        configs: [{ name: 'socket.request.max.bytes', value: String(limit) }],
      },
    ],
  }))
  const large = producer.send({ topic: 't', value: Buffer.alloc(3 * 1024 * 1024) })
  const small = producer.send({ topic: 't', value: 'small' })
  const error: RivvenError = await clock.until(
    large.then(
      () => assert.fail('it was taken'),
      (error) => error,
    ),
  )
  assert.ok(error instanceof RecordTooLargeError)
  assert.match(error.message, /takes 2097152 \(socket\.request\.max\.bytes\)\. Send smaller records/)
  assert.equal(error.retriable, false)
  await clock.until(small)
  assert.ok(clock.monotonic() < 5000, `it took ${clock.monotonic()} ms`)
})
