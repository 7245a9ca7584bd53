import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Consumer, Producer } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { clusterUnderTest, pollUntil, read } from './cluster-under-test.js'

/** Topics that are deleted stay so, whoever asks about them. */
const strict = { auto_create_topics_enable: false }

/** Collects what a consumer warns of. */
function warnings() {
  const texts: string[] = []
  return { texts, logger: { warn: (text: string) => void texts.push(text) } }
}

const owned = (consumer: Consumer) => consumer.assignment().map(({ topic, partition }) => `${topic}/${partition}`)

test('a topic deleted while its records are read stops nobody: what stays is committed, what is lost is said', async () => {
  await using cluster = await clusterUnderTest(strict)
  const kept = await cluster.topicWith('kept', 2, 3)
  const gone = await cluster.topicWith('gone', 1, 3)
  const groupId = cluster.name('deletes')
  const { texts, logger } = warnings()
  // Nothing is committed before the rebalance.
  const never = { autoCommitIntervalMs: 3_600_000, maxPollIntervalMs: 3_600_000 }
  const options = { groupId, logger, allowAutoCreate: false, ...never }
  const first = cluster.consumer(options)
  await first.subscribe([kept, gone])
  await read(first, 9)
  await first.poll(0)
  await cluster.admin.deleteTopics([gone])
  const second = cluster.consumer(options)
  await second.subscribe([kept])
  await pollUntil([first, second], () => owned(first).length === 1 && owned(second).length === 1)
  const committed = await cluster.admin.listGroupOffsets(groupId)
  assert.deepEqual(
    committed.map(({ topic, partition, offset }) => [topic, partition, offset]),
    [
      [kept, 0, 3],
      [kept, 1, 3],
    ],
  )
  const lost = texts.filter((text) => text.includes(`${gone}/0`))
  assert.equal(lost.length, 1, texts.join('\n'))
  assert.match(lost[0]!, /offset 3.*does not exist any more/)
})

test('health names topics that were deleted, or never there, until they come', async () => {
  await using cluster = await clusterUnderTest(strict)
  const gone = await cluster.topicWith('gone', 1, 1)
  const never = cluster.name('never')
  const quick = { allowAutoCreate: false, metadataMaxAgeMs: 100 }
  const consumer = cluster.consumer({ groupId: cluster.name('health'), enableAutoCommit: false, ...quick })
  await consumer.subscribe([gone])
  await read(consumer, 1)
  assert.equal(consumer.health().isHealthy, true)
  await cluster.admin.deleteTopics([gone])
  await pollUntil([consumer], () => consumer.health().trouble?.facts.topic === gone)
  assert.equal(consumer.health().isHealthy, false)
  await consumer.subscribe([never])
  await pollUntil([consumer], () => consumer.health().trouble?.facts.topic === never)
  const { trouble } = consumer.health()
  assert.equal(trouble?.code, 'UNKNOWN_TOPIC_OR_PARTITION')
  assert.match(
    trouble.message,
    new RegExp(`^${never} cannot be read: there is no such topic. Check the name, create it`),
  )
  await cluster.admin.createTopics([{ name: never, partitions: 1, replicationFactor: 1 }])
  await pollUntil([consumer], () => consumer.health().isHealthy)
})

test('a commit by hand of a deleted topic fails at once and once, and the others of the same commit stand', async () => {
  await using cluster = await clusterUnderTest(strict)
  const kept = await cluster.topicWith('kept', 1, 2)
  const gone = await cluster.topicWith('gone', 1, 2)
  const groupId = cluster.name('by-hand')
  const consumer = cluster.consumer({ groupId, enableAutoCommit: false })
  await consumer.subscribe([kept, gone])
  await read(consumer, 4)
  await cluster.admin.deleteTopics([gone])
  await assert.rejects(consumer.commit(), {
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    retriable: false,
    message: new RegExp(`${gone}/0`),
  })
  await consumer.commit()
  const committed = await cluster.admin.listGroupOffsets(groupId)
  assert.deepEqual(
    committed.map(({ topic, offset }) => [topic, offset]),
    [[kept, 2]],
  )
})

test('a topic made anew is read from where autoOffsetReset says, with a warning, and nothing of the old one is committed', async () => {
  await using cluster = await clusterUnderTest(strict)
  const topic = await cluster.topicWith('anew', 1, 5)
  const groupId = cluster.name('anew')
  const { texts, logger } = warnings()
  const consumer = cluster.consumer({ groupId, logger, autoCommitIntervalMs: 3_600_000 })
  await consumer.subscribe([topic])
  const [, , ofOld] = await read(consumer, 5)
  await cluster.admin.deleteTopics([topic])
  await cluster.admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])
  for (let value = 0; value < 20; value++) await cluster.producer.send({ topic, partition: 0, value: `new ${value}` })
  const records = await read(consumer, 20)
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    Array.from({ length: 20 }, (_, value) => `new ${value}`),
  )
  assert.equal(texts.filter((text) => text.includes('made anew')).length, 1, texts.join('\n'))
  consumer.seek({ topic, partition: 0, offset: 1 })
  await assert.rejects(consumer.commit(ofOld), { code: 'COMMIT_FAILED' })
})

test('with autoOffsetReset none poll says that the topic was made anew', async () => {
  await using cluster = await clusterUnderTest(strict)
  const topic = await cluster.topicWith('anew-none', 1, 5)
  const consumer = cluster.consumer({ autoOffsetReset: 'none' })
  await consumer.assign([{ topic, partition: 0 }])
  consumer.seekToBeginning()
  await read(consumer, 5)
  await cluster.admin.deleteTopics([topic])
  await cluster.admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])
  await assert.rejects(
    async () => {
      for (;;) await consumer.poll(100)
    },
    { code: 'OFFSET_OUT_OF_RANGE', message: /made anew/ },
  )
})

test('a consumer by pattern makes no topic again that was deleted, as member and as leader', async () => {
  await using cluster = await clusterUnderTest()
  const kept = await cluster.topicWith('pattern-kept', 1, 1)
  const gone = await cluster.topicWith('pattern-gone', 1, 1)
  const consumer = cluster.consumer({ groupId: cluster.name('pattern'), metadataMaxAgeMs: 50 })
  await consumer.subscribe(new RegExp(`^pattern-.*${cluster.name('')}$`))
  await read(consumer, 2)
  await cluster.admin.deleteTopics([gone])
  await pollUntil([consumer], () => owned(consumer).join() === `${kept}/0`)
  await consumer.poll(200)
  const names = (await cluster.admin.listTopics()).map(({ name }) => name)
  assert.ok(names.includes(kept) && !names.includes(gone), names.join())
})

test('offsets of a deleted topic do not hold a transaction up', { timeout: 60_000 }, async () => {
  await using cluster = await clusterUnderTest(strict)
  const kept = await cluster.topicWith('txn-kept', 1, 2)
  const gone = await cluster.topicWith('txn-gone', 1, 2)
  const groupId = cluster.name('txn')
  const { bootstrapServers, name } = cluster
  const producer = new Producer({ bootstrapServers, transactionalId: name('txn'), deliveryTimeoutMs: 600_000 })
  const consumer = cluster.consumer({ groupId, enableAutoCommit: false })
  await consumer.subscribe([kept, gone])
  await read(consumer, 4)
  await cluster.admin.deleteTopics([gone])
  await producer.transaction(async (txn) => {
    await txn.send({ topic: kept, value: 'made of both' })
    await txn.commitOffsets(consumer.position())
  })
  await eventually(async () => {
    const committed = await cluster.admin.listGroupOffsets(groupId)
    assert.deepEqual(
      committed.map(({ topic, offset }) => [topic, offset]),
      [[kept, 2]],
    )
  })
  await producer.close()
})
