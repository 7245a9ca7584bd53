import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Codec, compress, decompress } from '@rivven/protocol'
import { startRivven } from '@rivven/testing'
import kafkajs, { type Kafka as KafkaClient } from 'kafkajs'
import { eventually } from '../support/eventually.js'

const { Kafka, logLevel, Partitioners, CompressionTypes, CompressionCodecs } = kafkajs

/** kafkajs brings gzip alone; the others are plugged in, here with our own codecs. */
const plugged: Record<number, Codec> = {
  [CompressionTypes.Snappy]: 'snappy',
  [CompressionTypes.LZ4]: 'lz4',
  [CompressionTypes.ZSTD]: 'zstd',
}
for (const [type, codec] of Object.entries(plugged)) {
  CompressionCodecs[Number(type) as 2 | 3 | 4] = () => ({
    compress: async (encoder: { buffer: Buffer }) => compress(codec, encoder.buffer),
    decompress: async (buffer: Buffer) => decompress(codec, buffer, 64 * 1024 * 1024),
  })
}

function connectTo(bootstrapServers: string): KafkaClient {
  return new Kafka({ brokers: [bootstrapServers], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } })
}

async function produce(
  kafka: KafkaClient,
  topic: string,
  values: readonly string[],
  compression = CompressionTypes.None,
): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, compression, messages: values.map((value) => ({ key: value, value })) })
  await producer.disconnect()
}

/** A group member that collects what it is given. */
async function member(kafka: KafkaClient, groupId: string, topic: string, readUncommitted = false) {
  const times = { sessionTimeout: 10_000, heartbeatInterval: 200, rebalanceTimeout: 10_000 }
  const consumer = kafka.consumer({ groupId, readUncommitted, ...times })
  const seen: string[] = []
  const assignments: number[][] = []
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => assignments.push(payload.memberAssignment[topic] ?? []))
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => void seen.push(String(message.value)),
  })
  return { seen, assigned: () => assignments.at(-1) ?? [], leave: () => consumer.disconnect() }
}

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `v${from + at}`)

for (const [name, type] of Object.entries(CompressionTypes) as [string, number][]) {
  test(`kafkajs writes and reads back records with compression ${name}`, async () => {
    await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
    const kafka = connectTo(rivven.bootstrapServers)
    const values = numbered(200)
    await produce(kafka, 'codecs', values, type)
    const reader = await member(kafka, 'readers', 'codecs')
    await eventually(() => assert.deepEqual(new Set(reader.seen), new Set(values)))
    await reader.leave()
  })
}

test('two kafkajs members share the partitions of a topic, and one that leaves hands its own over', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'shared', numPartitions: 4 }] })
  await admin.disconnect()
  const first = await member(kafka, 'pair', 'shared')
  const second = await member(kafka, 'pair', 'shared')
  await eventually(() => assert.deepEqual([...first.assigned(), ...second.assigned()].sort(), [0, 1, 2, 3]))
  assert.equal(first.assigned().length, 2)
  await produce(kafka, 'shared', numbered(100))
  await eventually(() => assert.equal(first.seen.length + second.seen.length, 100))
  await second.leave()
  await eventually(() => assert.deepEqual([...first.assigned()].sort(), [0, 1, 2, 3]))
  await produce(kafka, 'shared', numbered(50, 100))
  await eventually(() => assert.deepEqual(new Set([...first.seen, ...second.seen]), new Set(numbered(150))))
  await first.leave()
})

test('a kafkajs group resumes behind what it committed', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  await produce(kafka, 'resumed', numbered(30))
  const before = await member(kafka, 'resumers', 'resumed')
  await eventually(() => assert.equal(before.seen.length, 30))
  await before.leave()
  await produce(kafka, 'resumed', numbered(20, 30))
  const after = await member(kafka, 'resumers', 'resumed')
  await eventually(() => assert.deepEqual(new Set(after.seen), new Set(numbered(20, 30))))
  await after.leave()
})

test('the admin client of kafkajs creates, describes, grows and deletes topics and reads group offsets', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [{ topic: 'administered', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }] }],
  })
  await admin.createPartitions({ topicPartitions: [{ topic: 'administered', count: 3 }] })
  const { topics } = await admin.fetchTopicMetadata({ topics: ['administered'] })
  assert.equal(topics[0]?.partitions.length, 3)
  await admin.setOffsets({
    groupId: 'administrators',
    topic: 'administered',
    partitions: [{ partition: 0, offset: '0' }],
  })
  const offsets = await admin.fetchOffsets({ groupId: 'administrators', topics: ['administered'] })
  assert.equal(offsets[0]?.partitions.find((entry) => entry.partition === 0)?.offset, '0')
  assert.ok((await admin.listGroups()).groups.some((group) => group.groupId === 'administrators'))
  await admin.deleteGroups(['administrators'])
  await admin.deleteTopics({ topics: ['administered'] })
  assert.ok(!(await admin.listTopics()).includes('administered'))
  await admin.disconnect()
})

test('kafkajs reads what its transactions committed, records and offsets, and nothing of those it aborted', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  const createPartitioner = Partitioners.DefaultPartitioner
  const producer = kafka.producer({
    transactionalId: 'js',
    maxInFlightRequests: 1,
    idempotent: true,
    createPartitioner,
  })
  await producer.connect()
  for (const [at, value] of numbered(12).entries()) {
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'atomic', messages: [{ value }] })
    const partitions = [{ partition: 0, offset: String(at) }]
    await transaction.sendOffsets({ consumerGroupId: 'with', topics: [{ topic: 'atomic', partitions }] })
    if (at % 3 === 2) await transaction.abort()
    else await transaction.commit()
  }
  await producer.disconnect()
  const reader = await member(kafka, 'readers', 'atomic')
  const committed = numbered(12).filter((_, at) => at % 3 !== 2)
  await eventually(() => assert.deepEqual(reader.seen, committed))
  await reader.leave()
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await admin.fetchOffsets({ groupId: 'with', topics: ['atomic'] })
  await admin.disconnect()
  assert.equal(offsets[0]?.partitions[0]?.offset, '10')
})

/** Offsets of one topic, partition 0, as a group has them. */
async function committedOffset(kafka: KafkaClient, groupId: string, topic: string): Promise<string | undefined> {
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] })
  await admin.disconnect()
  return offsets[0]?.partitions[0]?.offset
}

async function transactional(kafka: KafkaClient, transactionalId: string, transactionTimeout = 60_000) {
  const createPartitioner = Partitioners.DefaultPartitioner
  const options = { transactionalId, transactionTimeout, maxInFlightRequests: 1, idempotent: true, createPartitioner }
  const producer = kafka.producer(options)
  await producer.connect()
  return producer
}

test('a kafkajs member copies with the offsets in its transactions, and begins again where the last one committed', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  await produce(kafka, 'source', numbered(60))
  const producer = await transactional(kafka, 'copier')
  for (const [run, until] of [20, 60].entries()) {
    const consumer = kafka.consumer({ groupId: 'copiers', sessionTimeout: 10_000, heartbeatInterval: 200 })
    await consumer.connect()
    await consumer.subscribe({ topic: 'source', fromBeginning: true })
    let copied = run === 0 ? 0 : 20
    const done = new Promise<void>((resolve) => {
      void consumer.run({
        autoCommit: false,
        eachMessage: async ({ topic, partition, message }) => {
          if (copied >= until) return
          const transaction = await producer.transaction()
          await transaction.send({ topic: 'copy', messages: [{ value: `${message.value}!` }] })
          const partitions = [{ partition, offset: String(Number(message.offset) + 1) }]
          await transaction.sendOffsets({ consumerGroupId: 'copiers', topics: [{ topic, partitions }] })
          await transaction.commit()
          if (++copied === until) resolve()
        },
      })
    })
    await done
    await consumer.disconnect()
    assert.equal(await committedOffset(kafka, 'copiers', 'source'), String(until))
  }
  await producer.disconnect()
  const reader = await member(kafka, 'readers', 'copy')
  const expected = numbered(60).map((value) => `${value}!`)
  await eventually(() => assert.deepEqual(reader.seen, expected))
  await reader.leave()
})

test('a kafkajs producer that comes back fences its zombie, whose transaction leaves nothing behind', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  const zombie = await transactional(kafka, 'one')
  const lost = await zombie.transaction()
  await lost.send({ topic: 'fenced', messages: [{ value: 'of the zombie' }] })
  const partitions = [{ partition: 0, offset: '7' }]
  await lost.sendOffsets({ consumerGroupId: 'with', topics: [{ topic: 'fenced', partitions }] })
  const successor = await transactional(kafka, 'one')
  const own = await successor.transaction() // only now does kafkajs ask for its epoch
  await assert.rejects(lost.send({ topic: 'fenced', messages: [{ value: 'too late' }] }))
  await assert.rejects(lost.commit())
  await own.send({ topic: 'fenced', messages: [{ value: 'of the successor' }] })
  await own.commit()
  await zombie.disconnect()
  await successor.disconnect()
  const reader = await member(kafka, 'readers', 'fenced')
  await eventually(() => assert.deepEqual(reader.seen, ['of the successor']))
  await reader.leave()
  assert.equal(await committedOffset(kafka, 'with', 'fenced'), '-1')
})

test('a kafkajs transaction holds back readers of committed records, not the others, and its timeout lets them go', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const kafka = connectTo(rivven.bootstrapServers)
  const producer = await transactional(kafka, 'slow', 1_500)
  const open = await producer.transaction()
  await open.send({ topic: 'held', messages: [{ value: 'left open' }] })
  await produce(kafka, 'held', ['behind'])
  const committed = await member(kafka, 'committed', 'held')
  const all = await member(kafka, 'all', 'held', true)
  await eventually(() => assert.deepEqual(all.seen, ['left open', 'behind']))
  assert.deepEqual(committed.seen, [])
  await eventually(() => assert.deepEqual(committed.seen, ['behind']))
  await all.leave()
  await committed.leave()
  await producer.disconnect()
})
