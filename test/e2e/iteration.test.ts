import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Consumer, type ConsumerOptions, Producer } from '@rivven/client'
import { eventually } from '../support/eventually.js'
import { clusterUnderTest, read } from './cluster-under-test.js'

type Place = Awaited<ReturnType<typeof clusterUnderTest>>

/** Two committed transactions of `count` records and an aborted one between and behind them; returns where the log ends. */
async function writeTransactions({ bootstrapServers, admin, name }: Place, topic: string, count: number) {
  const producer = new Producer({ bootstrapServers, transactionalId: name('writer') })
  for (const isGood of [true, false, true, false]) {
    const transaction = await producer.beginTransaction()
    await transaction.sendMany(Array.from({ length: count }, (_, value) => ({ topic, value: `${value}` })))
    await (isGood ? transaction.commit() : transaction.abort())
  }
  await producer.close()
  const end = 4 * (count + 1)
  // Kafka answers before the markers are written.
  await eventually(async () => {
    const [latest] = await admin.listOffsets([{ topic, partition: 0, timestamp: 'latest' }])
    assert.equal(latest!.offset, end)
  })
  return end
}

async function committedOf({ admin }: Place, groupId: string): Promise<number | undefined> {
  return (await admin.listGroupOffsets(groupId))[0]?.offset
}

const isolationLevel = 'read_committed'

test('iteration with auto-commit leaves no lag behind markers and aborted records, also while nothing new comes', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('markers', 1, 0)
  const end = await writeTransactions(place, topic, 5)
  const groupId = place.name('auto')
  const consumer = place.consumer({ groupId, isolationLevel, autoCommitIntervalMs: 20 })
  await consumer.subscribe([topic])
  let count = 0
  const reading = (async () => {
    for await (const _ of consumer) count++
  })()
  await eventually(async () => assert.equal(await committedOf(place, groupId), end))
  await consumer.close()
  await reading
  assert.equal(count, 10)
})

test('closing an iteration commits past the markers that it has passed', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('closing', 1, 0)
  const end = await writeTransactions(place, topic, 5)
  const groupId = place.name('closing')
  const consumer = place.consumer({ groupId, isolationLevel, autoCommitIntervalMs: 3_600_000 })
  await consumer.subscribe([topic])
  const reading = (async () => {
    for await (const _ of consumer);
  })()
  await eventually(async () => {
    assert.deepEqual(consumer.assignment().length, 1)
    assert.equal(await consumer.position({ topic, partition: 0 }), end)
  })
  await consumer.close()
  await reading
  assert.equal(await committedOf(place, groupId), end)
})

test('commit() at the last record commits past what follows it without records', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('last', 1, 0)
  const end = await writeTransactions(place, topic, 3)
  for (const maxPollRecords of [1, 2, 500]) {
    const groupId = place.name(`by-hand-${maxPollRecords}`)
    const consumer = place.consumer({ groupId, isolationLevel, maxPollRecords, enableAutoCommit: false })
    await consumer.subscribe([topic])
    let count = 0
    for await (const _ of consumer) {
      await consumer.commit()
      if (++count === 6) break
    }
    assert.equal(await committedOf(place, groupId), end)
    await consumer.close()
  }
})

/** A consumer that iterates over ten records it has in hand all at once. */
async function tenInHand(place: Place, options: Partial<ConsumerOptions> = {}): Promise<[Consumer, string]> {
  const topic = await place.topicWith('hand', 1, 10)
  const consumer = place.consumer(options)
  await consumer.assign([{ topic, partition: 0 }])
  return [consumer, topic]
}

test('records in hand of a partition that is paused wait until it is resumed', async () => {
  await using place = await clusterUnderTest()
  const [consumer, topic] = await tenInHand(place)
  const seen: number[] = []
  let isResumed = false
  for await (const { offset } of consumer) {
    assert.ok(seen.length < 3 || isResumed, `${offset} came while its partition was paused`)
    seen.push(offset)
    if (offset === 9) break
    if (seen.length !== 3) continue
    consumer.pause()
    void place.producer.send({ topic, partition: 0, value: 'later' }).then(() => {
      isResumed = true
      consumer.resume()
    })
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('a partition paused and resumed within the loop is read on in order', async () => {
  await using place = await clusterUnderTest()
  const [consumer] = await tenInHand(place)
  const seen: number[] = []
  for await (const { offset } of consumer) {
    seen.push(offset)
    if (offset === 9) break
    consumer.pause()
    consumer.resume()
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('a seek within the loop counts from the next record on, forward and backward', async () => {
  await using place = await clusterUnderTest()
  const [consumer, topic] = await tenInHand(place)
  const seen: number[] = []
  for await (const { offset } of consumer) {
    seen.push(offset)
    if (seen.length === 2) consumer.seek({ topic, partition: 0, offset: 7 })
    if (seen.length === 4) consumer.seek({ topic, partition: 0, offset: 1 })
    if (seen.length === 6) break
  }
  assert.deepEqual(seen, [0, 1, 7, 8, 1, 2])
})

test('commit(record) commits behind this record of its partition and nothing else', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('one', 2, 5)
  const groupId = place.name('one')
  const consumer = place.consumer({ groupId, enableAutoCommit: false })
  await consumer.subscribe([topic])
  const records = await read(consumer, 10)
  const ofFirst = records.filter(({ partition }) => partition === 0)
  await consumer.commit(ofFirst[2])
  assert.deepEqual(await place.admin.listGroupOffsets(groupId), [
    { topic, partition: 0, offset: 3, leaderEpoch: ofFirst[2]!.leaderEpoch, metadata: '' },
  ])
  await consumer.commit(records.filter(({ offset }) => offset < 4).map((record) => record.toObject()))
  const committed = await place.admin.listGroupOffsets(groupId)
  assert.deepEqual(
    committed.map(({ offset }) => offset),
    [4, 4],
  )
  await assert.rejects(consumer.commit('orders' as never), { code: 'INVALID_ARGUMENT' })
  consumer.seek({ topic, partition: 0, offset: 1 })
  await assert.rejects(consumer.commit(ofFirst[4]), { code: 'COMMIT_FAILED' })
})

test('a loop that is left early after commit(record) is gone on with behind that record', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('early', 1, 10)
  const groupId = place.name('early')
  const first = place.consumer({ groupId, enableAutoCommit: false })
  await first.subscribe([topic])
  for (const record of await read(first, 10)) {
    await first.commit(record)
    if (record.offset === 3) break
  }
  await first.close()
  const second = place.consumer({ groupId })
  await second.subscribe([topic])
  assert.equal((await read(second, 6))[0]!.offset, 4)
})

test('stop() ends the loop behind the present record, which can still be committed, or while it waits', async () => {
  await using place = await clusterUnderTest()
  const topic = await place.topicWith('stop', 1, 10)
  const groupId = place.name('stop')
  const consumer = place.consumer({ groupId, enableAutoCommit: false })
  await consumer.subscribe([topic])
  const seen: number[] = []
  for await (const record of consumer) {
    seen.push(record.offset)
    if (record.offset === 4) consumer.stop()
    await consumer.commit(record)
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4])
  assert.equal(await committedOf(place, groupId), 5)
  for await (const { offset } of consumer) {
    seen.push(offset)
    if (offset === 9) setImmediate(() => consumer.stop())
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const waiting = consumer.poll(60_000)
  setImmediate(() => consumer.stop())
  assert.deepEqual(await waiting, [])
})
