import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Cluster, Producer, type ProducerOptions } from '@rivven/client'
import { batchesOf, type Codec, ErrorCode, Fetch, readRecords } from '@rivven/protocol'
import { startBrokers } from './cluster-under-test.js'

/** A broker, a topic on it, and clients that end with it. */
async function scene(options: Partial<ProducerOptions> = {}, partitions = 1) {
  const rivven = await startBrokers()
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 't', partitions }])
  const producer = new Producer({ bootstrapServers, ...options })
  const read = (partition = 0) => readAll(bootstrapServers, 't', partition)
  const end = async () => {
    await producer.close()
    await admin.close()
    await rivven[Symbol.asyncDispose]()
  }
  return { producer, admin, read, [Symbol.asyncDispose]: end }
}

interface Read {
  key: string | null
  value: string | null
  timestamp: number
  headers: [string, string | null][]
}

/** All records of a partition, with plain Fetch requests. */
async function readAll(bootstrapServers: string, topic: string, partition: number): Promise<Read[]> {
  const cluster = new Cluster({ bootstrapServers })
  await cluster.metadata([topic])
  const found: Read[] = []
  for (let fetchOffset = 0, isAtEnd = false; !isAtEnd; ) {
    const partitions = [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }]
    const request = { maxWaitMs: 0, minBytes: 0, topics: [{ topic, partitions }] }
    const answer = await cluster.send(cluster.leaderOf(topic, partition)!, Fetch, request, { maxVersion: 12 })
    const { errorCode, highWatermark, records } = answer.responses[0]!.partitions[0]!
    assert.equal(errorCode, ErrorCode.NONE)
    for (const batch of batchesOf(records as Buffer)) {
      for (const record of readRecords(batch)) {
        if (record.offset < fetchOffset) continue
        fetchOffset = record.offset + 1
        const text = (bytes: Buffer | null) => bytes?.toString() ?? null
        const headers = record.headers.map(({ key, value }): [string, string | null] => [key, text(value)])
        found.push({ key: text(record.key), value: text(record.value), timestamp: record.timestamp, headers })
      }
    }
    isAtEnd = fetchOffset >= highWatermark
  }
  await cluster.close()
  return found
}

test('a record arrives with its key, value, headers and timestamp', async () => {
  await using s = await scene()
  const timestamp = Date.now() - 1000
  const headers = { traced: 'yes', empty: null }
  const sent = await s.producer.send({ topic: 't', key: 'k', value: Buffer.from('v'), headers, timestamp })
  assert.deepEqual(sent, { topic: 't', partition: 0, offset: 0, timestamp })
  await s.producer.send({ topic: 't', value: null })
  const [first, second] = await s.read()
  assert.deepEqual(first, {
    key: 'k',
    value: 'v',
    timestamp,
    headers: [
      ['traced', 'yes'],
      ['empty', null],
    ],
  })
  assert.deepEqual([second!.key, second!.value], [null, null])
})

for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] satisfies Codec[]) {
  test(`ten thousand records arrive in order with compression ${compression}`, async () => {
    await using s = await scene({ compression, batchSize: 20_000 }, 3)
    const records = Array.from({ length: 10_000 }, (_, index) => ({
      topic: 't',
      key: `k${index % 50}`,
      value: `v${index}`,
    }))
    const ranges = await s.producer.sendMany(records)
    assert.equal(
      ranges.reduce((sum, { count }) => sum + count, 0),
      10_000,
    )
    const read = (await Promise.all([0, 1, 2].map((partition) => s.read(partition)))).flat()
    assert.equal(read.length, 10_000)
    for (const key of new Set(records.map((record) => record.key))) {
      const expected = records.filter((record) => record.key === key).map(({ value }) => value)
      assert.deepEqual(
        read.filter((record) => record.key === key).map(({ value }) => value),
        expected,
      )
    }
  })
}

test('records without a key are spread over all partitions', async () => {
  await using s = await scene({ batchSize: 1000 }, 3)
  const value = 'x'.repeat(100)
  await s.producer.sendMany(Array.from({ length: 1000 }, () => ({ topic: 't', value })))
  for (const partition of [0, 1, 2]) assert.ok((await s.read(partition)).length > 0, `partition ${partition} is empty`)
})

test('a topic is created by the first record for it', async () => {
  await using s = await scene()
  const sent = await s.producer.send({ topic: 'made-on-the-way', value: 'v' })
  assert.equal(sent.offset, 0)
})

test('a batch over max.message.bytes arrives in parts, one record over it is refused', async () => {
  await using s = await scene({ batchSize: 500_000 })
  await s.admin.alterConfigs([{ type: 'topic', name: 't', configs: [{ name: 'max.message.bytes', value: '20000' }] }])
  const values = Array.from({ length: 200 }, (_, index) => String(index).padEnd(1000, '.'))
  await s.producer.sendMany(values.map((value) => ({ topic: 't', value })))
  assert.deepEqual(
    (await s.read()).map(({ value }) => value),
    values,
  )
  await assert.rejects(s.producer.send({ topic: 't', value: Buffer.alloc(30_000) }), { code: 'MESSAGE_TOO_LARGE' })
  const { offset } = await s.producer.send({ topic: 't', value: 'after' })
  assert.equal(offset, 200)
})

test('with acks 0 and 1 records arrive too', async () => {
  for (const acks of [0, 1] as const) {
    await using s = await scene({ acks })
    await s.producer.sendMany(Array.from({ length: 100 }, (_, index) => ({ topic: 't', value: String(index) })))
    await s.producer.close()
    let read = await s.read()
    for (let tries = 0; read.length < 100 && tries < 100; tries++) read = await s.read()
    assert.equal(read.length, 100)
  }
})

test('several producers write to one partition at once', async () => {
  await using s = await scene()
  const bootstrapServers = (await s.admin.describeCluster()).brokers.map(({ host, port }) => `${host}:${port}`)
  const producers = Array.from({ length: 5 }, () => new Producer({ bootstrapServers, batchSize: 300 }))
  await Promise.all(
    producers.map((producer, index) =>
      Promise.all(
        Array.from({ length: 200 }, (_, at) => producer.send({ topic: 't', key: String(index), value: String(at) })),
      ),
    ),
  )
  await Promise.all(producers.map((producer) => producer.close()))
  const read = await s.read()
  for (const index of producers.keys()) {
    const mine = read.filter(({ key }) => key === String(index)).map(({ value }) => Number(value))
    assert.deepEqual(
      mine,
      Array.from({ length: 200 }, (_, at) => at),
    )
  }
})
