import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AddPartitionsToTxn,
  buildBatch,
  CreateTopics,
  EndTxn,
  InitProducerId,
  Produce,
  WriteTxnMarkers,
} from '@rivven/protocol'
import { HttpBroker } from './http-broker.js'

const producer = { producerId: 0, producerEpoch: 0 }
const records = [{ value: Buffer.from('x'), timestamp: 1 }]

class TransactionClient {
  constructor(readonly broker: HttpBroker) {}

  async makeTopic(): Promise<void> {
    const topics = [{ name: 't', numPartitions: 1, replicationFactor: 1 }]
    await this.broker.call(CreateTopics, 4, { topics, timeoutMs: 5_000 })
  }

  async init(transactionalId: string): Promise<typeof producer> {
    const request = { transactionalId, transactionTimeoutMs: 60_000 }
    const { producerId, producerEpoch } = await this.broker.call(InitProducerId, 4, request)
    return { producerId, producerEpoch }
  }

  async begin(transactionalId: string, id: typeof producer): Promise<void> {
    const { producerId: v3AndBelowProducerId, producerEpoch: v3AndBelowProducerEpoch } = id
    const request = { v3AndBelowTransactionalId: transactionalId, v3AndBelowProducerId, v3AndBelowProducerEpoch }
    const v3AndBelowTopics = [{ name: 't', partitions: [0] }]
    await this.broker.call(AddPartitionsToTxn, 3, { ...request, v3AndBelowTopics })
  }

  async write(transactionalId: string, id: typeof producer, baseSequence: number): Promise<number> {
    const batch = buildBatch({ records, ...id, baseSequence, isTransactional: true })
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: batch }] }]
    const request = { transactionalId, acks: -1, timeoutMs: 5_000, topicData }
    return (await this.broker.call(Produce, 9, request)).responses[0]!.partitionResponses[0]!.errorCode
  }

  async end(transactionalId: string, id: typeof producer, committed: boolean): Promise<number> {
    return (await this.broker.call(EndTxn, 3, { transactionalId, ...id, committed })).errorCode
  }

  async until(name: string, value: number): Promise<Map<string, number>> {
    for (;;) {
      const metrics = await this.broker.metrics()
      if (metrics.get(name) === value) return metrics
    }
  }
}

async function started(t: { after(end: () => Promise<void>): void }, values = {}): Promise<TransactionClient> {
  const broker = await HttpBroker.start(values)
  t.after(() => broker.close())
  const client = new TransactionClient(broker)
  await client.makeTopic()
  return client
}

test('open transactions, the oldest of them, and those that ended are told, by outcome and time', async (t) => {
  const client = await started(t)
  assert.equal((await client.broker.metrics()).get('rivven_transactions_open{state="Ongoing"}'), 0)
  const id = await client.init('x')
  await client.begin('x', id)
  await client.write('x', id, 0)
  const open = await client.until('rivven_transactions_open{state="Ongoing"}', 1)
  assert.ok(open.get('rivven_transaction_oldest_open_seconds')! < 60)
  assert.equal(open.get('rivven_transactions_hanging'), 0)
  assert.equal(open.get('rivven_log_last_stable_offset{topic="t",partition="0"}'), 0)
  await client.end('x', id, true)
  const ended = await client.until('rivven_transaction_completion_seconds_count{}', 1)
  assert.equal(ended.get('rivven_transactions_open{state="Ongoing"}'), 0)
  assert.equal(ended.get('rivven_transaction_oldest_open_seconds'), 0)
  assert.equal(ended.get('rivven_transaction_duration_seconds_count{outcome="committed"}'), 1)
  assert.equal(ended.get('rivven_transaction_duration_seconds_count{outcome="aborted"}'), 0)
  assert.equal(ended.get('rivven_log_last_stable_offset{topic="t",partition="0"}'), 2)
  await client.begin('x', id)
  await client.end('x', id, false)
  const aborted = await client.until('rivven_transaction_completion_seconds_count{}', 2)
  assert.equal(aborted.get('rivven_transaction_duration_seconds_count{outcome="aborted"}'), 1)
})

test('a transaction that its coordinator does not know is told to hang, until an operator ends it', async (t) => {
  const client = await started(t, { transaction_partition_verification_enable: false })
  const id = await client.init('x')
  assert.equal(await client.write('x', id, 0), 0)
  const metrics = await client.broker.metrics()
  assert.equal(metrics.get('rivven_transactions_hanging'), 1)
  assert.equal(metrics.get('rivven_transactions_open{state="Ongoing"}'), 0)
  assert.equal(metrics.get('rivven_log_last_stable_offset{topic="t",partition="0"}'), 0)
  const topics = [{ name: 't', partitionIndexes: [0] }]
  const marker = { ...id, transactionResult: false, coordinatorEpoch: 0, topics }
  await client.broker.call(WriteTxnMarkers, 1, { markers: [marker] })
  assert.equal((await client.broker.metrics()).get('rivven_transactions_hanging'), 0)
})
