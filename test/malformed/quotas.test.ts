import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import {
  AlterClientQuotas,
  buildBatch,
  CreatePartitions,
  CreateTopics,
  DeleteTopics,
  DescribeClientQuotas,
  ErrorCode,
  Fetch,
  Produce,
} from '@rivven/protocol'
import { type Rivven, startRivven } from '@rivven/testing'
import { RawConnection } from '../support/raw-connection.js'

// What requests about quotas may hold (security.md §16, S12), and what quotas do where no recording shows it.
let rivven: Rivven
let admin: RawConnection
before(async () => {
  rivven = await startRivven()
  admin = await RawConnection.open(rivven.port)
})
after(async () => {
  admin.destroy()
  await rivven.close()
})

type Part = [type: string, name: string | null]
const entityOf = (...parts: Part[]) => parts.map(([entityType, entityName]) => ({ entityType, entityName }))
const set = (key: string, value: number) => ({ key, value, remove: false })

async function alter(entity: object[], ...ops: object[]): Promise<number[]> {
  const { entries } = await admin.call(AlterClientQuotas, 1, { entries: [{ entity, ops }] } as never)
  return entries.map(({ errorCode }) => errorCode)
}

/** Gives the test's own connections a quota, and takes it away again. */
async function underQuota(part: Part, key: string, value: number, use: () => Promise<void>): Promise<void> {
  assert.deepEqual(await alter(entityOf(part), set(key, value)), [0])
  try {
    await use()
  } finally {
    assert.deepEqual(await alter(entityOf(part), { key, value: 0, remove: true }), [0])
  }
}

for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308, 5e-324]) {
  test(`S12: no quota of bytes can be ${Object.is(value, -0) ? '-0' : value}`, async () => {
    assert.deepEqual(await alter(entityOf(['user', 'u']), set('producer_byte_rate', value)), [
      ErrorCode.INVALID_REQUEST,
    ])
  })
}

test('an entity that names one type twice is refused', async () => {
  const twice = entityOf(['user', 'a'], ['user', 'b'])
  assert.deepEqual(await alter(twice, set('producer_byte_rate', 1)), [ErrorCode.INVALID_REQUEST])
})

test('S12: there may be quotas for 10,000 entities, and no more', async () => {
  let made = 0
  const codes = new Map<number, number>()
  while (made < 11_000) {
    const entries = Array.from({ length: 1_000 }, (_, at) => ({
      entity: entityOf(['client-id', `many-${made + at}`]),
      ops: [set('producer_byte_rate', 1e9)],
    }))
    const answer = await admin.call(AlterClientQuotas, 1, { entries })
    for (const { errorCode } of answer.entries) codes.set(errorCode, (codes.get(errorCode) ?? 0) + 1)
    made += entries.length
  }
  assert.deepEqual(Object.fromEntries(codes), { 0: 10_000, [ErrorCode.POLICY_VIOLATION]: 1_000 })
  const { entries } = await admin.call(DescribeClientQuotas, 1, { components: [], strict: false })
  assert.equal(entries?.length, 10_000)
  for (let at = 0; at < 10_000; at += 1_000) {
    const gone = entries.slice(at, at + 1_000).map(({ entity }) => ({
      entity,
      ops: [{ key: 'producer_byte_rate', value: 0, remove: true }],
    }))
    await admin.call(AlterClientQuotas, 1, { entries: gone })
  }
})

const topic = (name: string, numPartitions: number) => ({ name, numPartitions, replicationFactor: 1 })

test('who has used up the quota for partitions can neither make, remove nor grow topics', async () => {
  const client = await RawConnection.open(rivven.port)
  await admin.call(CreateTopics, 7, { topics: [topic('kept', 2)] })
  // So little that it stays used up for the whole test.
  await underQuota(['client-id', 'raw'], 'controller_mutation_rate', 0.01, async () => {
    const first = await client.call(CreateTopics, 7, { topics: [topic('one', 1), topic('two', 1)] })
    assert.deepEqual(first.topics.map(({ name, errorCode }) => [name, errorCode]).sort(), [
      ['one', 0],
      ['two', ErrorCode.THROTTLING_QUOTA_EXCEEDED],
    ])
    assert.ok(first.throttleTimeMs > 1_000)
  })
  client.destroy()
  for (const ask of [
    async (connection: RawConnection) => {
      const { responses } = await connection.call(DeleteTopics, 6, { topics: [{ name: 'kept' }] })
      return responses[0]?.errorCode
    },
    async (connection: RawConnection) => {
      const { results } = await connection.call(CreatePartitions, 3, {
        topics: [{ name: 'kept', count: 3, assignments: null }],
      })
      return results[0]?.errorCode
    },
  ]) {
    await underQuota(['client-id', 'raw'], 'controller_mutation_rate', 0.01, async () => {
      const connection = await RawConnection.open(rivven.port)
      assert.equal(await ask(connection), ErrorCode.THROTTLING_QUOTA_EXCEEDED)
      connection.destroy()
    })
  }
  const old = await RawConnection.open(rivven.port)
  await underQuota(['client-id', 'raw'], 'controller_mutation_rate', 0.01, async () => {
    const made = await old.call(CreateTopics, 5, { topics: [topic('old', 3)] })
    assert.equal(made.topics[0]?.errorCode, 0)
    assert.ok(made.throttleTimeMs > 1_000)
  })
  old.destroy()
})

test('a fetch above a quota leaves its session as it is, and the next one brings the records', async () => {
  await admin.call(CreateTopics, 7, { topics: [topic('records', 1)] })
  const client = await RawConnection.open(rivven.port)
  const ask = (sessionId: number, sessionEpoch: number) =>
    client.call(Fetch, 11, {
      ...{ maxWaitMs: 0, minBytes: 0, maxBytes: 1_000_000, sessionId, sessionEpoch },
      topics: sessionEpoch
        ? []
        : [{ topic: 'records', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] }],
    })
  const { sessionId } = await ask(0, 0)
  const records = buildBatch({ records: [{ value: Buffer.alloc(5_000), timestamp: Date.now() }] })
  const topicData = [{ name: 'records', partitionData: [{ index: 0, records }] }]
  await admin.call(Produce, 9, { acks: -1, timeoutMs: 1_000, topicData })
  await underQuota(['client-id', 'raw'], 'consumer_byte_rate', 499, async () => {
    // Larger than all that the quota allows in ten seconds; nothing was sent before, so it may pass, once.
    const first = await ask(sessionId, 1)
    assert.equal(first.responses.length, 1)
    assert.ok(first.throttleTimeMs > 0)
    const second = await ask(sessionId, 2)
    assert.deepEqual([second.errorCode, second.sessionId, second.responses], [0, sessionId, []])
    assert.ok(second.throttleTimeMs > 0)
  })
  const third = await ask(sessionId, 3)
  assert.deepEqual([third.errorCode, third.responses.length], [0, 1])
  client.destroy()
})

test('connections above the rate of an address are closed without an answer', async () => {
  await underQuota(['ip', '127.0.0.1'], 'connection_creation_rate', 1, async () => {
    const sockets = Array.from({ length: 15 }, () => connect(rivven.port, '127.0.0.1'))
    const closed = sockets.map(
      (socket) => new Promise<void>((resolve) => socket.once('close', resolve).once('error', resolve)),
    )
    for (const socket of sockets) socket.resume()
    // Ten may come at once; others are held for a second at most.
    await Promise.race(closed)
    for (const socket of sockets) socket.destroy()
  })
})
