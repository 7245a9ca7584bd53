import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AlterClientQuotas, buildBatch, CreateTopics, ErrorCode, Fetch, Metadata, Produce } from '@rivven/protocol'
import { type Rivven, startRivven } from '@rivven/testing'
import { eventually } from '../support/eventually.js'
import { RawConnection } from '../support/raw-connection.js'

// What becomes of connections above a quota, over real sockets (security.md §10.4).

/** A broker with a topic `records`, whose clients have a quota. */
async function throttledScene(quota: { key: string; value: number }, options: Parameters<typeof startRivven>[0] = {}) {
  const rivven = await startRivven(options)
  const admin = await RawConnection.open(rivven.port)
  await admin.call(CreateTopics, 7, { topics: [{ name: 'records', numPartitions: 1, replicationFactor: 1 }] })
  const entity = [{ entityType: 'user', entityName: null }]
  const { entries } = await admin.call(AlterClientQuotas, 1, { entries: [{ entity, ops: [quota] }] })
  assert.deepEqual(
    entries.map(({ errorCode }) => errorCode),
    [0],
  )
  admin.destroy()
  return {
    rivven,
    open: () => RawConnection.open(rivven.port),
    [Symbol.asyncDispose]: () => rivven.close(),
  }
}

const records = buildBatch({ records: [{ value: Buffer.alloc(5_000), timestamp: 1_700_000_000_000 }] })

async function produce(connection: RawConnection): Promise<number> {
  const topicData = [{ name: 'records', partitionData: [{ index: 0, records }] }]
  const { throttleTimeMs } = await connection.call(Produce, 9, { acks: -1, timeoutMs: 1_000, topicData })
  return throttleTimeMs
}

async function openConnections({ url }: Rivven): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^rivven_connections(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1])
}

/** So little that one produce means silence for more than an hour. */
const almostNothing = { key: 'producer_byte_rate', value: 1 }

test('a muted client that leaves is noticed although it has to be silent for an hour', async () => {
  await using scene = await throttledScene(almostNothing, { http: true })
  const muted = await scene.open()
  assert.ok((await produce(muted)) > 3_600_000)
  await eventually(async () => assert.equal(await openConnections(scene.rivven), 1))
  muted.destroy()
  await eventually(async () => assert.equal(await openConnections(scene.rivven), 0))
})

test('the time that a client has to be silent is no idle time', async () => {
  await using scene = await throttledScene(almostNothing, { config: { connections_max_idle_ms: 250 } })
  const muted = await scene.open()
  await produce(muted)
  // Younger, and silent of its own will.
  const idle = await scene.open()
  await idle.call(Metadata, 12, { topics: [], allowAutoTopicCreation: false })
  await idle.closed()
  assert.equal(muted.socket.closed, false)
  muted.destroy()
})

test('other connections of a muted client are served until they are above the quota themselves', async () => {
  await using scene = await throttledScene(almostNothing)
  const [muted, other] = [await scene.open(), await scene.open()]
  await produce(muted)
  await other.call(Metadata, 12, { topics: [], allowAutoTopicCreation: false })
  assert.ok((await produce(other)) > 7_200_000)
  for (const connection of [muted, other]) connection.destroy()
})

test('topics that are only named come under the quota for partitions as well', async () => {
  await using scene = await throttledScene({ key: 'controller_mutation_rate', value: 0.01 })
  const client = await scene.open()
  const { topics, throttleTimeMs } = await client.call(Metadata, 12, {
    topics: ['one', 'two'].map((name) => ({ name })),
    allowAutoTopicCreation: true,
  })
  assert.deepEqual(
    topics.map(({ name, errorCode }) => [name, errorCode]),
    [
      ['one', ErrorCode.NONE],
      // Retriable for every client, whatever it knows of quotas.
      ['two', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ],
  )
  assert.ok(throttleTimeMs > 1_000)
  client.destroy()
})

for (const { authorizer, isBelieved } of [
  { authorizer: 'standard', isBelieved: true },
  { authorizer: 'none', isBelieved: false },
])
  test(`with authorizer ${authorizer}, whoever fetches as a broker ${isBelieved ? 'is under no quota' : 'is a client'}`, async () => {
    const config = { authorizer_class_name: authorizer, super_users: 'User:ANONYMOUS' }
    await using scene = await throttledScene({ key: 'consumer_byte_rate', value: 1 }, { config })
    const broker = await scene.open()
    await produce(broker)
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
    const { throttleTimeMs, responses } = await broker.call(Fetch, 11, {
      ...{ replicaId: 2, maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, sessionId: 0, sessionEpoch: -1 },
      topics: [{ topic: 'records', partitions }],
    })
    assert.equal(responses.length, 1)
    assert.equal(throttleTimeMs > 0, !isBelieved)
    broker.destroy()
  })

test('over which time a quota counts is set by keys with the names of Kafka', async () => {
  const config = { quota_window_num: 2, quota_window_size_seconds: 3 }
  // As much as five seconds carry: within the ten of the defaults, and above three.
  await using scene = await throttledScene({ key: 'producer_byte_rate', value: 1_000 }, { config })
  const client = await scene.open()
  const waitMs = await produce(client)
  assert.ok(waitMs > 1_000 && waitMs < 3_000, `it has to wait for ${waitMs} ms`)
  client.destroy()
})
