import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, SeededRandom } from '@rivven/fakes'
import { ErrorCode, Metadata, Produce, type ProduceRequest } from '@rivven/protocol'
import { Producer } from '../../src/producer/producer.js'
import type { ProducerOptions } from '../../src/producer/producer-options.js'
import { TinyCluster } from '../support/tiny-cluster.js'

function scene({ brokers = 1, seed, ...options }: Partial<ProducerOptions> & { brokers?: number; seed?: number } = {}) {
  const runtime = fakeRuntime(seed)
  const cluster = new TinyCluster(runtime.network, brokers)
  const producer = new Producer({ bootstrapServers: cluster.bootstrapServers, runtime, ...options })
  return { runtime, clock: runtime.clock, cluster, producer }
}

const texts = (count: number, prefix = 'v') => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

test('records of one turn share a batch and get consecutive offsets', async () => {
  const { clock, cluster, producer } = scene()
  const [partition] = cluster.createTopic('t', 1)
  await clock.until(producer.send({ topic: 't', value: 'first' }))
  const sent = await clock.until(
    Promise.all(texts(100).map((value) => producer.send({ topic: 't', value, timestamp: 5 }))),
  )
  assert.deepEqual(sent[7], { topic: 't', partition: 0, offset: 8, timestamp: 5 })
  assert.deepEqual(partition!.values, ['first', ...texts(100)])
  assert.equal(cluster.requestsOf(Produce).length, 2)
})

test('sendMany says where its records are, in ranges', async () => {
  const { clock, cluster, producer } = scene({ batchSize: 1000 })
  cluster.createTopic('t', 2)
  const records = texts(300).map((value, index) => ({ topic: 't', value, partition: index % 2 }))
  const ranges = await clock.until(producer.sendMany(records))
  for (const partition of [0, 1]) {
    const mine = ranges.filter((range) => range.partition === partition)
    assert.ok(mine.length > 1)
    assert.equal(
      mine.reduce((sum, { count }) => sum + count, 0),
      150,
    )
    assert.deepEqual(
      cluster.topics.get('t')![partition]!.values,
      texts(300).filter((_, index) => index % 2 === partition),
    )
  }
})

test('a topic that is not there yet is waited for', async () => {
  const { clock, cluster, producer } = scene()
  const sent = producer.send({ topic: 'later', value: 'v' })
  await clock.advance(3000)
  cluster.createTopic('later', 1)
  assert.equal((await clock.until(sent)).offset, 0)
})

test('a topic that never comes is an error that names it', async () => {
  const { clock, producer } = scene({ maxBlockMs: 5000 })
  const error = await clock.until(producer.send({ topic: 'never', value: 'v' }).catch((error) => error))
  assert.equal(error.code, 'TIMED_OUT')
  assert.match(error.message, /never.*UNKNOWN_TOPIC_OR_PARTITION/)
})

test('a lost answer leads to no second copy', async () => {
  const { clock, cluster, producer } = scene()
  const [partition] = cluster.createTopic('t', 1)
  let faults = 2
  cluster.fate = ({ api }) => (api === Produce && faults-- > 0 ? 'close after' : 'answer')
  const ranges = await clock.until(producer.sendMany(texts(10).map((value) => ({ topic: 't', value }))))
  assert.deepEqual(partition!.values, texts(10))
  assert.equal(ranges[0]!.offset, 0)
})

test('a request that gets no answer closes its connection and is sent again on another', async () => {
  const { clock, cluster, producer, runtime } = scene({ requestTimeoutMs: 2000 })
  const [partition] = cluster.createTopic('t', 1)
  let faults = 1
  cluster.fate = ({ api }) => (api === Produce && faults-- > 0 ? 'silence' : 'answer')
  await clock.until(producer.send({ topic: 't', value: 'v' }))
  assert.deepEqual(partition!.values, ['v'])
  assert.equal(runtime.network.connections.length, 2)
})

test('a partition that moved is followed', async () => {
  const { clock, cluster, producer } = scene({ brokers: 3 })
  const [partition] = cluster.createTopic('t', 1)
  await clock.until(producer.send({ topic: 't', value: 'before' }))
  partition!.leader = 2
  await clock.until(producer.send({ topic: 't', value: 'after' }))
  assert.deepEqual(partition!.values, ['before', 'after'])
})

test('a newer leader that the answer tells of is taken at once, without asking for metadata', async () => {
  const { clock, cluster, producer } = scene({ brokers: 3 })
  const [partition] = cluster.createTopic('t', 1)
  cluster.givesHints = true
  await clock.until(producer.send({ topic: 't', value: 'before' }))
  const asked = cluster.requestsOf(Metadata).length
  partition!.leader = 2
  const before = clock.monotonic()
  await clock.until(producer.send({ topic: 't', value: 'after' }))
  assert.equal(cluster.requestsOf(Metadata).length, asked)
  assert.equal(clock.monotonic(), before)
  assert.deepEqual(partition!.values, ['before', 'after'])
})

test('a batch that is too large for the broker is split', async () => {
  const { clock, cluster, producer } = scene({ batchSize: 100_000 })
  const [partition] = cluster.createTopic('t', 1)
  cluster.maxBatchBytes = 3000
  const values = texts(200).map((text) => text.padEnd(100, '.'))
  const ranges = await clock.until(producer.sendMany(values.map((value) => ({ topic: 't', value }))))
  assert.deepEqual(partition!.values, values)
  assert.deepEqual(
    ranges.map(({ offset }) => offset),
    [...ranges.map(({ offset }) => offset)].sort((a, b) => a - b),
  )
  assert.equal(
    ranges.reduce((sum, { count }) => sum + count, 0),
    200,
  )
})

test('one record that is too large fails by itself', async () => {
  const { clock, cluster, producer } = scene()
  const [partition] = cluster.createTopic('t', 1)
  cluster.maxBatchBytes = 3000
  const large = producer.send({ topic: 't', value: Buffer.alloc(5000) })
  const small = producer.send({ topic: 't', value: 'small' })
  const error = await clock.until(large.catch((error) => error))
  assert.equal(error.code, 'MESSAGE_TOO_LARGE')
  assert.equal(error.name, 'RecordTooLargeError')
  assert.equal((await clock.until(small)).offset, 0)
  assert.deepEqual(partition!.values, ['small'])
})

test('a record that is never acknowledged fails when its delivery timeout is over', async () => {
  const { clock, cluster, producer } = scene({ deliveryTimeoutMs: 10_000 })
  cluster.createTopic('t', 1)
  cluster.produceError = () => ErrorCode.NOT_ENOUGH_REPLICAS
  const error = await clock.until(producer.send({ topic: 't', value: 'v' }).catch((error) => error))
  assert.equal(error.code, 'TIMED_OUT')
  assert.equal(error.cause.code, 'NOT_ENOUGH_REPLICAS')
  assert.ok(clock.monotonic() < 13_000)
})

test('memory that is used up makes senders wait, not fail', async () => {
  const { clock, cluster, producer } = scene({ bufferMemory: 20_000, batchSize: 2000 })
  const [partition] = cluster.createTopic('t', 1)
  const values = texts(2000).map((text) => text.padEnd(100, '.'))
  const singles = Promise.all(values.slice(0, 1000).map((value) => producer.send({ topic: 't', value })))
  const many = producer.sendMany(values.slice(1000).map((value) => ({ topic: 't', value })))
  await clock.until(Promise.all([singles, many]))
  assert.deepEqual(partition!.values, values)
})

test('keys go where Java would send them', async () => {
  const { clock, cluster, producer } = scene()
  cluster.createTopic('t', 10)
  const sent = await clock.until(producer.send({ topic: 't', key: 'foobar', value: 'v' }))
  assert.equal(sent.partition, (-790332482 & 0x7fffffff) % 10)
})

test('a partition that the topic does not have is refused', async () => {
  const { clock, cluster, producer } = scene()
  cluster.createTopic('t', 2)
  await clock.until(producer.send({ topic: 't', value: 'v' }))
  await assert.rejects(producer.send({ topic: 't', value: 'v', partition: 2 }), { code: 'INVALID_ARGUMENT' })
})

test('with acks 0 records are sent without an answer', async () => {
  const { clock, cluster, producer } = scene({ acks: 0 })
  const [partition] = cluster.createTopic('t', 1)
  const sent = await clock.until(producer.send({ topic: 't', value: 'v' }))
  assert.equal(sent.offset, -1)
  await clock.advance(10)
  assert.deepEqual(partition!.values, ['v'])
})

test('lingering records wait for others, and flush does not wait', async () => {
  const { clock, cluster, producer } = scene({ lingerMs: 1000 })
  cluster.createTopic('t', 1)
  const first = producer.send({ topic: 't', value: 'a' })
  await clock.advance(500)
  const second = producer.send({ topic: 't', value: 'b' })
  await clock.until(Promise.all([first, second]))
  assert.equal(cluster.requestsOf(Produce).length, 1)
  const before = clock.monotonic()
  const third = producer.send({ topic: 't', value: 'c' })
  await clock.until(producer.flush())
  assert.equal((await third).offset, 2)
  assert.ok(clock.monotonic() - before < 100)
})

test('close sends what waits, and refuses what comes after', async () => {
  const { clock, cluster, producer } = scene({ lingerMs: 60_000 })
  const [partition] = cluster.createTopic('t', 1)
  const sent = producer.send({ topic: 't', value: 'v' })
  await clock.until(producer.close())
  assert.equal((await sent).offset, 0)
  assert.deepEqual(partition!.values, ['v'])
  await assert.rejects(producer.send({ topic: 't', value: 'w' }), { code: 'CLIENT_CLOSED' })
})

test('no more requests are in flight than allowed, and none has two batches of a partition', async () => {
  const { clock, cluster, producer } = scene({ batchSize: 500, maxInFlight: 3 })
  cluster.createTopic('t', 1)
  await clock.until(producer.send({ topic: 't', value: 'v' }))
  cluster.fate = ({ api }) => (api === Produce ? 'silence' : 'answer')
  producer.sendMany(texts(1000).map((value) => ({ topic: 't', value }))).catch(() => undefined)
  await clock.advance(100)
  const requests = cluster.requestsOf(Produce)
  assert.equal(requests.length, 1 + 3)
  for (const { request } of requests) assert.equal((request as ProduceRequest).topicData[0]!.partitionData.length, 1)
})

/** Under any mix of lost requests, lost answers, moves and errors every record is there once and in order. */
for (let seed = 1; seed <= 30; seed++) {
  test(`an idempotent producer neither loses, repeats nor reorders records (seed ${seed})`, async () => {
    const random = new SeededRandom(seed)
    const { clock, cluster, producer } = scene({ brokers: 3, seed, batchSize: 300, requestTimeoutMs: 3000 })
    const partitions = cluster.createTopic('t', 3)
    let isCalm = false
    cluster.fate = ({ api }) => {
      if (api !== Produce || isCalm) return 'answer'
      const chance = random.next()
      if (chance < 0.05) partitions[random.below(3)]!.leader = random.below(3)
      return chance < 0.1 ? 'close before' : chance < 0.2 ? 'close after' : chance < 0.23 ? 'silence' : 'answer'
    }
    cluster.produceError = () => {
      if (isCalm || random.next() > 0.1) return ErrorCode.NONE
      return [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.LEADER_NOT_AVAILABLE, ErrorCode.CORRUPT_MESSAGE][
        random.below(3)
      ]!
    }
    const sent: Promise<unknown>[] = []
    for (let round = 0; round < 20; round++) {
      const records = texts(random.below(60), `${round}-`).map((value, index) => ({
        topic: 't',
        value,
        partition: index % 3,
      }))
      sent.push(producer.sendMany(records))
      await clock.advance(random.below(50))
    }
    await clock.advance(20_000)
    isCalm = true
    await clock.until(Promise.all(sent))
    const rounds = partitions.map(({ values }) => values.map((value) => value.split('-').map(Number)))
    assert.equal(
      new Set(partitions.flatMap(({ values }) => values)).size,
      partitions.flatMap(({ values }) => values).length,
    )
    for (const values of rounds) {
      for (const [index, [round, place]] of values.entries()) {
        const [before, placeBefore] = values[index - 1] ?? [-1, -1]
        assert.ok(round! > before! || (round === before && place! > placeBefore!), `order broken at ${round}-${place}`)
      }
    }
  })
}
