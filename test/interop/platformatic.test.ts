import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Admin, Consumer, type Message, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
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
