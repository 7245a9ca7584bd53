import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch, InitProducerId } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import { AloneProducerIds, type AloneProducerIdsOptions } from '../../src/cluster/alone/alone-producer-ids.js'
import { ProducerIds } from '../../src/coordinator/transactions/producer-ids.js'
import { highestProducerId } from '../../src/log/highest-producer-id.js'
import { memoryStorage } from '../../src/open-storage.js'
import { HttpBroker } from '../http/http-broker.js'
import { StartedLogs } from '../log/log-fixture.js'
import { topicConfig } from '../log/record-vectors.js'

const runtime = nodeRuntime()
const silent = { highestStored: () => -1, warn: () => assert.fail('nothing is lost') }

/** Of a broker that is alone, after a start. */
async function opened(options: AloneProducerIdsOptions): Promise<ProducerIds> {
  const ids = await AloneProducerIds.open(options)
  return new ProducerIds((count, above) => ids.reserve(count, above))
}

test('producer ids are never given out twice, not even after a restart in the middle of a block', async () => {
  const storage = memoryStorage(runtime)
  const seen = new Set<number>()
  for (let start = 0; start < 3; start++) {
    const ids = await opened({ storage, ...silent })
    for (const id of await Promise.all(Array.from({ length: 1_500 }, () => ids.next()))) seen.add(id)
  }
  assert.equal(seen.size, 4_500)
})

test('when their document is lost, ids begin far above all that partitions and transactions know, and a line says so', async () => {
  const storage = memoryStorage(runtime)
  const told: string[] = []
  const ids = await opened({ storage, highestStored: () => 41, warn: (text) => told.push(text) })
  const first = await ids.next()
  assert.ok(first > 41 + 1_000)
  ids.passOver(first + 500)
  const second = await ids.next()
  assert.ok(second > first + 1_000)
  ids.passOver(17)
  assert.equal(await ids.next(), second + 1)
  assert.match(told[0]!, /producer ids given out are lost .* known to what is stored is 41; new ones begin at/)
  assert.equal(told.length, 2)
  const next = await opened({ storage, ...silent })
  assert.ok((await next.next()) > second + 1)
})

test('blocks of several brokers lie between each other, and each gives out its own', async () => {
  let next = 0
  const reserve = async (count: number) => {
    next += count
    return next - count
  }
  const brokers = [new ProducerIds(reserve), new ProducerIds(reserve)]
  const seen = new Set<number>()
  for (let round = 0; round < 2_500; round++) for (const ids of brokers) seen.add(await ids.next())
  assert.equal(seen.size, 5_000)
})

test('ids are asked for before they have run out, and one that is met meanwhile is passed over', async () => {
  const reserved: { above: number; answer: (first: number) => void }[] = []
  const ids = new ProducerIds((_, above) => new Promise((answer) => reserved.push({ above, answer })))
  const ready = ids.prepare()
  reserved[0]?.answer(0)
  await ready
  while (reserved.length === 1) assert.notEqual(ids.take(), null)
  ids.passOver(1_500)
  assert.equal(ids.take(), null)
  reserved[1]?.answer(1_000)
  const id = ids.next()
  while (reserved.length === 2) await new Promise(setImmediate)
  assert.equal(reserved[2]?.above, 1_500)
  reserved[2]?.answer(5_000)
  assert.equal(await id, 5_000)
})

test('the highest id that logs know is that of their producers', async () => {
  const logs = await StartedLogs.start({ storage: memoryStorage(runtime), clock: runtime.clock })
  await logs.create({ name: 't', id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }, [0, 1, 2])
  const topics = [{ name: 't', partitionCount: 3 }]
  assert.equal(highestProducerId(logs, topics), -1)
  for (const [partition, producerId] of [
    [0, 7],
    [2, 12],
    [2, 3],
    // Made up by a client: it must not use up all others.
    [1, 2 ** 53 - 2],
  ] as const) {
    const producer = { producerId, producerEpoch: 0, baseSequence: 0 }
    const batch = buildBatch({ records: [{ key: null, value: Buffer.from('v'), timestamp: 1 }], ...producer })
    await logs.get('t', partition)!.append(batch, { acks: -1, origin: 'client', produceVersion: 9 })
  }
  assert.equal(highestProducerId(logs, topics), 12)
  await logs.close()
})

test('a broker whose document is lost gives no transactional producer the id of another one', async () => {
  const storage = memoryStorage(runtime)
  const ask = (broker: HttpBroker, transactionalId: string) =>
    broker.call(InitProducerId, 4, { transactionalId, transactionTimeoutMs: 60_000 })
  let broker = await HttpBroker.start({ http: 'off' }, storage)
  const before = (await ask(broker, 'one')).producerId
  await broker.close()

  const { readDocument } = storage
  storage.readDocument = async (name) => (name === 'producer-ids' ? undefined : readDocument.call(storage, name))
  broker = await HttpBroker.start({ http: 'off' }, storage)
  assert.equal((await ask(broker, 'one')).producerId, before)
  assert.ok((await ask(broker, 'two')).producerId > before)
  await broker.close()
})
