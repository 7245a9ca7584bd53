import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer, type Message, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { Consumer as RivvenConsumer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'

const clientId = 'interop'

async function produce(
  bootstrapServers: string,
  topic: string,
  values: readonly string[],
  compression?: 'gzip' | 'snappy' | 'lz4',
): Promise<void> {
  const producer = new Producer({
    clientId,
    bootstrapBrokers: [bootstrapServers],
    serializers: stringSerializers,
    autocreateTopics: true,
  })
  await producer.send({
    messages: values.map((value) => ({ topic, key: value, value })),
    ...(compression ? { compression } : {}),
  })
  await producer.close()
}

async function member(bootstrapServers: string, groupId: string, topic: string) {
  const consumer = new Consumer({
    clientId,
    groupId,
    bootstrapBrokers: [bootstrapServers],
    deserializers: stringDeserializers,
    sessionTimeout: 10_000,
    heartbeatInterval: 200,
    rebalanceTimeout: 10_000,
  })
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'committed',
    fallbackMode: 'earliest',
    autocommit: 100,
    maxWaitTime: 200,
  })
  const seen: string[] = []
  stream.on('data', (message: Message<string, string, string, string>) => seen.push(message.value))
  stream.on('error', () => stream.destroy())
  return {
    seen,
    assigned: () => consumer.assignments?.find((entry) => entry.topic === topic)?.partitions ?? [],
    leave: async () => {
      await stream.close()
      await consumer.close(true)
    },
  }
}

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `v${from + at}`)

for (const compression of [undefined, 'gzip', 'snappy', 'lz4'] as const) {
  test(`@platformatic/kafka writes and reads back records with compression ${compression ?? 'none'}`, async () => {
    await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
    const values = numbered(200)
    await produce(rivven.bootstrapServers, 'codecs', values, compression)
    const reader = await member(rivven.bootstrapServers, 'readers', 'codecs')
    await eventually(() => assert.deepEqual(new Set(reader.seen), new Set(values)))
    await reader.leave()
  })
}

test('two @platformatic/kafka members share a topic, and one that leaves hands its partitions over', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  const admin = new Admin({ clientId, bootstrapBrokers: [rivven.bootstrapServers] })
  await admin.createTopics({ topics: ['shared'], partitions: 4, replicas: 1 })
  await admin.close()
  const first = await member(rivven.bootstrapServers, 'pair', 'shared')
  const second = await member(rivven.bootstrapServers, 'pair', 'shared')
  await eventually(() => assert.deepEqual([...first.assigned(), ...second.assigned()].sort(), [0, 1, 2, 3]))
  await second.leave()
  await eventually(() => assert.deepEqual([...first.assigned()].sort(), [0, 1, 2, 3]))
  await produce(rivven.bootstrapServers, 'shared', numbered(50))
  await eventually(() => assert.deepEqual(new Set(first.seen), new Set(numbered(50))))
  await first.leave()
})

test('a @platformatic/kafka group resumes behind what it committed', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  await produce(rivven.bootstrapServers, 'resumed', numbered(30))
  const before = await member(rivven.bootstrapServers, 'resumers', 'resumed')
  await eventually(() => assert.equal(before.seen.length, 30))
  await before.leave()
  await produce(rivven.bootstrapServers, 'resumed', numbered(20, 30))
  const after = await member(rivven.bootstrapServers, 'resumers', 'resumed')
  await eventually(() => assert.deepEqual(new Set(after.seen), new Set(numbered(20, 30))))
  await after.leave()
})

/** A producer of transactions; it sends AddPartitionsToTxn v4 or above, which Kafka meant for brokers. */
function transactional(bootstrapServers: string, transactionalId: string) {
  return new Producer({
    clientId,
    transactionalId,
    idempotent: true,
    bootstrapBrokers: [bootstrapServers],
    serializers: stringSerializers,
    autocreateTopics: true,
  })
}

async function createTopic(bootstrapServers: string, ...topics: string[]): Promise<void> {
  const admin = new Admin({ clientId, bootstrapBrokers: [bootstrapServers] })
  await admin.createTopics({ topics, partitions: 1, replicas: 1 })
  await admin.close()
}

/**
 * Reads the committed records with our consumer: that of @platformatic/kafka 1.35.0 knows one aborted transaction of each
 * producer in an answer, and shows the records of the others.
 */
async function expectCommitted(bootstrapServers: string, topic: string, expected: readonly string[]): Promise<void> {
  const options = { autoOffsetReset: 'earliest', enableAutoCommit: false, isolationLevel: 'read_committed' } as const
  const consumer = new RivvenConsumer({ bootstrapServers, ...options })
  await consumer.assign([{ topic, partition: 0 }])
  const values: string[] = []
  await eventually(async () => {
    for (const { value } of await consumer.poll(50)) values.push(String(value))
    assert.deepEqual(values, expected)
  })
  await consumer.close()
}

test('@platformatic/kafka reads what its transactions committed and nothing of those it aborted', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  await createTopic(rivven.bootstrapServers, 'atomic')
  const producer = transactional(rivven.bootstrapServers, 'atomic')
  for (const [at, value] of numbered(12).entries()) {
    const transaction = await producer.beginTransaction()
    await transaction.send({ messages: [{ topic: 'atomic', value }] })
    if (at % 3 === 2) await transaction.abort()
    else await transaction.commit()
  }
  await producer.close()
  const committed = numbered(12).filter((_, at) => at % 3 !== 2)
  await expectCommitted(rivven.bootstrapServers, 'atomic', committed)
})

test('offsets in a transaction of @platformatic/kafka count when it commits, and not when it aborts', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  await createTopic(rivven.bootstrapServers, 'source', 'copy')
  await produce(rivven.bootstrapServers, 'source', numbered(20))
  const group = { groupId: 'copiers', sessionTimeout: 10_000, heartbeatInterval: 200, rebalanceTimeout: 10_000 }
  const connection = { clientId, bootstrapBrokers: [rivven.bootstrapServers], deserializers: stringDeserializers }
  const consumer = new Consumer({ ...connection, ...group })
  const stream = await consumer.consume({ topics: ['source'], mode: 'earliest', autocommit: false, maxWaitTime: 100 })
  const producer = transactional(rivven.bootstrapServers, 'copier')
  const offset = async () => {
    const offsets = await consumer.listCommittedOffsets({ topics: [{ topic: 'source', partitions: [0] }] })
    return Number(offsets.get('source')?.[0])
  }
  const seen: number[] = []
  let count = 0
  for await (const message of stream) {
    const transaction = await producer.beginTransaction()
    await transaction.send({ messages: [{ topic: 'copy', value: message.value }] })
    await transaction.addConsumer(consumer)
    await transaction.addOffset(message)
    if (count % 4 === 3) await transaction.abort()
    else await transaction.commit()
    seen.push(await offset())
    if (++count === 20) break
  }
  assert.deepEqual(
    seen,
    numbered(20).map((_, at) => (at % 4 === 3 ? at : at + 1)),
  )
  await stream.close()
  await consumer.close(true)
  await producer.close()
  const committed = numbered(20).filter((_, at) => at % 4 !== 3)
  await expectCommitted(rivven.bootstrapServers, 'copy', committed)
})

test('a @platformatic/kafka producer that comes back fences its zombie', async () => {
  await using rivven = await startRivven({ config: { group_initial_rebalance_delay_ms: 0 } })
  await createTopic(rivven.bootstrapServers, 'fenced')
  const zombie = transactional(rivven.bootstrapServers, 'one')
  const lost = await zombie.beginTransaction()
  await lost.send({ messages: [{ topic: 'fenced', value: 'of the zombie' }] })
  const successor = transactional(rivven.bootstrapServers, 'one')
  const own = await successor.beginTransaction()
  await assert.rejects(lost.commit())
  await own.send({ messages: [{ topic: 'fenced', value: 'of the successor' }] })
  await own.commit()
  await successor.close()
  await zombie.close(true)
  const reader = await member(rivven.bootstrapServers, 'readers', 'fenced')
  await eventually(() => assert.deepEqual(reader.seen, ['of the successor']))
  await reader.leave()
})
