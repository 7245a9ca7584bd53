import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import {
  Cluster,
  type Consumer,
  type ConsumerRecord,
  Producer,
  ProducerFencedError,
  type ProducerOptions,
  TransactionAbortableError,
} from '@rivven/client'
import { clusterUnderTest, read } from './cluster-under-test.js'

const valuesOf = (records: readonly ConsumerRecord[]) => records.map(({ value }) => String(value))

/** Level 1 announces partitions to the coordinator, level 2 just writes (KIP-890); brokers serve both. */
type Level = 1 | 2

async function scene(level: Level) {
  const cluster = await clusterUnderTest()
  const feature = mock.method(Cluster.prototype, 'feature', async () => level)
  const opened: Producer[] = []
  return {
    ...cluster,
    transactional(id: string, options: Partial<ProducerOptions> = {}): Producer {
      const { bootstrapServers, name } = cluster
      const producer = new Producer({ bootstrapServers, transactionalId: name(id), ...options })
      opened.push(producer)
      return producer
    },
    committed(options: object = {}): Consumer {
      return cluster.consumer({ isolationLevel: 'read_committed', ...options })
    },
    async [Symbol.asyncDispose]() {
      for (const producer of opened) await producer.close()
      feature.mock.restore()
      await cluster[Symbol.asyncDispose]()
    },
  }
}

async function readAll(consumer: Consumer, topic: string, partitions: number, count: number): Promise<string[]> {
  await consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition })))
  const records = await read(consumer, count)
  records.push(...(await consumer.poll(300)))
  return valuesOf(records)
}

for (const level of [1, 2] as const) {
  test(`what was committed is read, what was aborted is not, several times in one fetch (level ${level})`, async () => {
    await using cluster = await scene(level)
    const topic = await cluster.topicWith('mixed', 1, 0)
    const producer = cluster.transactional('mixer')
    const expected: string[] = []
    for (let round = 0; round < 12; round++) {
      const transaction = await producer.beginTransaction()
      const values = [0, 1, 2].map((value) => `${round}-${value}`)
      await transaction.sendMany(values.map((value) => ({ topic, value })))
      if (round % 3 === 0) {
        await transaction.commit()
        expected.push(...values)
      } else await transaction.abort()
    }
    const reader = cluster.committed()
    assert.deepEqual(await readAll(reader, topic, 1, expected.length), expected)
    const [end] = await reader.endOffsets([{ topic, partition: 0 }])
    assert.equal(await reader.position({ topic, partition: 0 }), end!.offset, 'positions go on behind markers')
    assert.equal(end!.offset, 12 * 4)
  })

  test(`an open transaction is seen by nobody who reads what is committed (level ${level})`, async () => {
    await using cluster = await scene(level)
    const topic = await cluster.topicWith('open', 2, 0)
    const producer = cluster.transactional('slow')
    const transaction = await producer.beginTransaction()
    await transaction.sendMany([0, 1].map((partition) => ({ topic, partition, value: `v${partition}` })))
    const reader = cluster.committed()
    await reader.assign([0, 1].map((partition) => ({ topic, partition })))
    assert.deepEqual(await reader.poll(300), [])
    await transaction.commit()
    assert.deepEqual(valuesOf(await read(reader, 2)).sort(), ['v0', 'v1'])
    assert.equal(transaction.isOpen, false)
    await assert.rejects(transaction.send({ topic, value: 'late' }), /over/)
  })

  test(`records and offsets are committed together, and the loop of the documentation works as written (level ${level})`, async () => {
    await using cluster = await scene(level)
    const input = await cluster.topicWith('input', 2, 50)
    const output = await cluster.topicWith('output', 2, 0)
    const groupId = cluster.name('copiers')
    const producer = cluster.transactional('copier')
    const consumer = cluster.committed({ groupId, enableAutoCommit: false, maxPollRecords: 30 })
    await consumer.subscribe([input])
    for (let copied = 0; copied < 100; ) {
      const txn = await producer.beginTransaction()
      for (const record of await consumer.poll(100)) {
        const { partition, value } = record
        await txn.send({ topic: output, partition, value })
        copied++
      }
      await txn.commitOffsets(consumer.position())
      await txn.commit()
    }
    const copies = await readAll(cluster.committed(), output, 2, 100)
    assert.equal(copies.length, 100)
    const offsets = await cluster.admin.listGroupOffsets(groupId)
    assert.deepEqual(
      offsets.map(({ offset }) => offset),
      [50, 50],
    )
    assert.deepEqual(consumer.position().offsets, [], 'what is committed needs no second commit')
  })

  test(`an aborted transaction leaves the offsets where they were, and the consumer can be taken back to them (level ${level})`, async () => {
    await using cluster = await scene(level)
    const input = await cluster.topicWith('input', 1, 10)
    const output = await cluster.topicWith('output', 1, 0)
    const groupId = cluster.name('undecided')
    const producer = cluster.transactional('undecided')
    const consumer = cluster.committed({ groupId, enableAutoCommit: false })
    await consumer.subscribe([input])
    const first = await read(consumer, 10)
    await assert.rejects(
      producer.transaction(async (txn) => {
        await txn.sendMany(first.map(({ value }) => ({ topic: output, value })))
        await txn.commitOffsets(consumer.position())
        throw new Error('no good')
      }),
      /no good/,
    )
    consumer.seekToCommitted()
    const again = await read(consumer, 10)
    assert.deepEqual(valuesOf(again), valuesOf(first))
    await producer.transaction(async (txn) => {
      await txn.sendMany(again.map(({ value }) => ({ topic: output, value })))
      await txn.commitOffsets(consumer.position())
    })
    assert.deepEqual(await readAll(cluster.committed(), output, 1, 10), valuesOf(first))
    assert.equal((await consumer.committed())[0]?.offset, 10)
  })

  test(`a second producer with the same id shuts out the first and aborts its transaction (level ${level})`, async () => {
    await using cluster = await scene(level)
    const topic = await cluster.topicWith('contested', 1, 0)
    const first = cluster.transactional('same')
    const lost = await first.beginTransaction()
    await lost.send({ topic, value: 'lost' })
    const second = cluster.transactional('same')
    await second.transaction((txn) => txn.send({ topic, value: 'kept' }))
    const error = await lost.commit().catch((error: unknown) => error)
    assert.ok(error instanceof ProducerFencedError, String(error))
    assert.equal(error.fatal, true)
    await assert.rejects(first.beginTransaction(), ProducerFencedError)
    assert.deepEqual(await readAll(cluster.committed(), topic, 1, 1), ['kept'])
  })

  test(`offsets of a member that lost its place are refused, and the transaction can only be aborted (level ${level})`, async () => {
    await using cluster = await scene(level)
    const input = await cluster.topicWith('input', 1, 5)
    const output = await cluster.topicWith('output', 1, 0)
    const producer = cluster.transactional('zombie')
    const consumer = cluster.committed({ groupId: cluster.name('zombies'), enableAutoCommit: false })
    await consumer.subscribe([input])
    await read(consumer, 5)
    const stale = { ...consumer.position(), generationId: 77 }
    const txn = await producer.beginTransaction()
    await txn.send({ topic: output, value: 'never' })
    await assert.rejects(txn.commitOffsets(stale), TransactionAbortableError)
    await assert.rejects(txn.commit(), { code: 'ILLEGAL_GENERATION' })
    await txn.abort()
    await producer.transaction((next) => next.send({ topic: output, value: 'kept' }))
    assert.deepEqual(await readAll(cluster.committed(), output, 1, 1), ['kept'])
  })

  test(`a producer with a transactional id sends in transactions only, one at a time (level ${level})`, async () => {
    await using cluster = await scene(level)
    const topic = await cluster.topicWith('strict', 1, 0)
    const producer = cluster.transactional('strict')
    await assert.rejects(producer.send({ topic, value: 'v' }), { code: 'INVALID_STATE' })
    const txn = await producer.beginTransaction()
    await assert.rejects(producer.beginTransaction(), { code: 'INVALID_STATE' })
    await txn.commit()
    await assert.rejects(txn.commit(), { code: 'INVALID_STATE' })
    const empty = await producer.beginTransaction()
    await empty.abort()
  })

  test(`a record that is refused makes the transaction one that can only be aborted (level ${level})`, async () => {
    await using cluster = await scene(level)
    const topic = await cluster.topicWith('small', 1, 0)
    const producer = cluster.transactional('large', { batchSize: 4_000_000, maxRequestBytes: 8_000_000 })
    const txn = await producer.beginTransaction()
    await txn.send({ topic, value: 'small' })
    await assert.rejects(txn.send({ topic, value: Buffer.alloc(3_000_000) }), TransactionAbortableError)
    await assert.rejects(txn.commit(), { code: 'MESSAGE_TOO_LARGE' })
    await txn.abort()
    await producer.transaction((next) => next.send({ topic, value: 'next' }))
    assert.deepEqual(await readAll(cluster.committed(), topic, 1, 1), ['next'])
  })

  test(`closing a producer aborts its open transaction (level ${level})`, async () => {
    await using cluster = await scene(level)
    const topic = await cluster.topicWith('closing', 1, 0)
    const producer = cluster.transactional('closing')
    const txn = await producer.beginTransaction()
    await txn.send({ topic, value: 'gone' })
    await producer.close()
    await cluster.producer.send({ topic, value: 'plain' })
    assert.deepEqual(await readAll(cluster.committed(), topic, 1, 1), ['plain'])
  })
}
