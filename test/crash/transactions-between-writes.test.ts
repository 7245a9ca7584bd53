import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Broker, brokerConfig, type OwnStorage, silentLog } from '@rivven/broker'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  batchesOf,
  batchIsControl,
  batchProducerId,
  buildBatch,
  CreateTopics,
  EndTxn,
  Fetch,
  FindCoordinator,
  InitProducerId,
  ListOffsets,
  OffsetFetch,
  Produce,
  readRecords,
  TxnOffsetCommit,
} from '@rivven/protocol'
import { nodeListenHttp, nodeRuntime } from '@rivven/runtime'
import { eventually } from '../support/eventually.js'
import { RawConnection } from '../support/raw-connection.js'
import { RecordedStorage, type Write } from './recorded-storage.js'

// A transaction over two partitions and the offsets of a group, killed between every two writes: after the next start all
// of it is visible, or none. In memory, so that a kill costs milliseconds.

const outputs = [0, 1]
const transactionalId = 'copier'
const groupId = 'copiers'

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

async function withBroker<Result>(storage: OwnStorage, use: (connection: RawConnection) => Promise<Result>) {
  const values = { listen: '127.0.0.1:0', http: 'off', memory: true }
  const internal = { offsets_topic_num_partitions: 1, transaction_state_log_num_partitions: 1 }
  const config = brokerConfig([{ from: 'test', values: { ...values, ...internal } }])
  const options = { config, runtime: nodeRuntime(), storage, log: silentLog(), listenHttp: nodeListenHttp }
  const broker = await Broker.start(options)
  const connection = await RawConnection.open(broker.address.port)
  try {
    return await use(connection)
  } finally {
    connection.destroy()
    await broker.kill()
  }
}

/** The steps of a producer, by the protocol it speaks: before KIP-890 and since. */
class Copier {
  #producer: Producer = { producerId: -1, producerEpoch: -1 }
  readonly #connection: RawConnection
  readonly #isNew: boolean
  #sequence = 0

  constructor(connection: RawConnection, isNew: boolean) {
    this.#connection = connection
    this.#isNew = isNew
  }

  async start(): Promise<void> {
    await eventually(async () => {
      const asked = { transactionalId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
      const { errorCode, producerId, producerEpoch } = await this.#connection.call(InitProducerId, 5, asked)
      assert.equal(errorCode, 0)
      this.#producer = { producerId, producerEpoch }
      this.#sequence = 0
    })
  }

  /** Writes `value` to all outputs and the offset to the group, and ends. */
  async copy(value: string, offset: number, committed: boolean): Promise<void> {
    if (!this.#isNew) await this.#addPartitions()
    for (const partition of outputs) await this.#produce(partition, value)
    this.#sequence++
    await this.#commitOffset(offset)
    await this.#end(committed)
  }

  async #addPartitions(): Promise<void> {
    const { producerId, producerEpoch } = this.#producer
    const topics = [{ name: 'out', partitions: outputs }]
    const request = {
      ...{ v3AndBelowTransactionalId: transactionalId, v3AndBelowProducerId: producerId },
      ...{ v3AndBelowProducerEpoch: producerEpoch, v3AndBelowTopics: topics },
    }
    await eventually(async () => {
      const { resultsByTopicV3AndBelow: results } = await this.#connection.call(AddPartitionsToTxn, 3, request)
      assert.equal(results[0]!.resultsByPartition[0]!.partitionErrorCode, 0)
    })
  }

  async #produce(index: number, value: string): Promise<void> {
    const records = [{ value: Buffer.from(value), timestamp: 1 }]
    const batch = { ...this.#producer, baseSequence: this.#sequence, isTransactional: true, records }
    await eventually(async () => {
      const topicData = [{ name: 'out', partitionData: [{ index, records: buildBatch(batch) }] }]
      const request = { transactionalId, acks: -1, timeoutMs: 5_000, topicData }
      const { responses } = await this.#connection.call(Produce, this.#isNew ? 12 : 9, request)
      assert.equal(responses[0]!.partitionResponses[0]!.errorCode, 0)
    })
  }

  async #commitOffset(committedOffset: number): Promise<void> {
    const asked = { transactionalId, ...this.#producer, groupId }
    if (!this.#isNew) assert.equal((await this.#connection.call(AddOffsetsToTxn, 3, asked)).errorCode, 0)
    const topics = [{ name: 'in', partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: '' }] }]
    const request = { ...asked, generationId: -1, memberId: '', groupInstanceId: null, topics }
    const answer = await this.#connection.call(TxnOffsetCommit, this.#isNew ? 5 : 3, request)
    assert.equal(answer.topics[0]!.partitions[0]!.errorCode, 0)
  }

  async #end(committed: boolean): Promise<void> {
    const request = { transactionalId, ...this.#producer, committed }
    const { errorCode, producerId, producerEpoch } = await this.#connection.call(EndTxn, this.#isNew ? 5 : 3, request)
    assert.equal(errorCode, 0)
    if (!this.#isNew) return
    this.#producer = { producerId, producerEpoch }
    this.#sequence = 0
  }
}

async function endOf(connection: RawConnection, partitionIndex: number, isolationLevel: number): Promise<number> {
  const topics = [{ name: 'out', partitions: [{ partitionIndex, timestamp: -1 }] }]
  const answer = await connection.call(ListOffsets, 7, { replicaId: -1, isolationLevel, topics })
  return answer.topics[0]!.partitions[0]!.offset
}

/** The values that a reader of committed records sees. */
async function valuesIn(connection: RawConnection, partition: number): Promise<string[]> {
  const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }]
  const limits = { maxWaitMs: 0, minBytes: 0, maxBytes: 1 << 20, isolationLevel: 1 }
  const answer = await connection.call(Fetch, 11, { ...limits, topics: [{ topic: 'out', partitions }] })
  const { records, abortedTransactions } = answer.responses[0]!.partitions[0]!
  const values: string[] = []
  const aborted = new Set<number>()
  const starts = [...(abortedTransactions ?? [])]
  for (const batch of batchesOf(records as Buffer)) {
    const producerId = batchProducerId(batch)
    const last = Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23)
    while (starts[0] && starts[0].firstOffset <= last) aborted.add(starts.shift()!.producerId)
    if (batchIsControl(batch)) aborted.delete(producerId)
    else if (!aborted.has(producerId)) for (const { value } of readRecords(batch)) values.push(String(value))
  }
  return values
}

async function committedOffset(connection: RawConnection): Promise<number> {
  const topics = [{ name: 'in', partitionIndexes: [0] }]
  const groups = [{ groupId, topics }]
  const answer = await connection.call(OffsetFetch, 8, { groups, requireStable: true })
  const { errorCode, committedOffset } = answer.groups[0]!.topics[0]!.partitions[0]!
  assert.equal(errorCode, 0, 'the offset of the group is not decided')
  return committedOffset
}

/** What is visible after a start with these writes, when a new instance of the producer is ready: a letter a transaction. */
async function outcome(storage: OwnStorage): Promise<string> {
  return withBroker(storage, async (connection) => {
    await new Copier(connection, true).start()
    const seen = await valuesIn(connection, 0)
    for (const partition of outputs) {
      const [stable, end] = [await endOf(connection, partition, 1), await endOf(connection, partition, 0)]
      assert.equal(stable, end, `partition ${partition} has an open transaction still`)
      assert.deepEqual(await valuesIn(connection, partition), seen, 'the partitions differ')
    }
    const offsets: Record<string, number> = { '': -1, a: 1, ac: 3 }
    const visible = seen.join('')
    assert.equal(await committedOffset(connection), offsets[visible], `the offset does not go with '${visible}'`)
    return visible
  })
}

const isMarker = ({ batch }: Write) => batchIsControl(batch)

for (const [protocol, isNew] of [
  ['of KIP-890', true],
  ['before KIP-890', false],
] as const) {
  test(`killed between any two writes, transactions ${protocol} are visible as a whole or not at all`, async () => {
    const recorded = new RecordedStorage()
    const { writes } = recorded
    const answered = await withBroker(recorded.storage, async (connection) => {
      const created = ['in', 'out'].map((name) => ({ name, numPartitions: 2, replicationFactor: 1 }))
      const topics = created.map((topic) => ({ ...topic, assignments: [], configs: [] }))
      await connection.call(CreateTopics, 5, { topics, timeoutMs: 5_000 })
      await connection.call(FindCoordinator, 3, { key: groupId, keyType: 0 })
      const copier = new Copier(connection, isNew)
      await copier.start()
      await copier.copy('a', 1, true)
      const first = writes.length
      await copier.copy('b', 2, false)
      await copier.copy('c', 3, true)
      const last = writes.length
      // The markers of the last one.
      await copier.start()
      return { first, last }
    })
    let before = ''
    for (let count = 0; count <= writes.length; count++) {
      const left = writes.slice(0, count)
      const visible = await outcome(await recorded.left(left))
      const where = `after ${count} of ${writes.length} writes '${visible}' is visible`
      assert.ok(visible.startsWith(before), `${where}, before it was '${before}'`)
      if (count >= answered.first) assert.ok(visible.startsWith('a'), where)
      if (count >= answered.last) assert.equal(visible, 'ac', where)
      before = visible
      // Markers reach their partitions in any order: the last one may be there without those before it.
      const sooner = left.slice(0, -1).findLastIndex((write) => !isMarker(write))
      if (count === 0 || !isMarker(left.at(-1)!) || sooner === count - 2) continue
      const swapped = [...left.slice(0, sooner + 1), left.at(-1)!]
      assert.equal(await outcome(await recorded.left(swapped)), visible, `${where}, not with its last marker alone`)
    }
    assert.equal(before, 'ac')
  })
}
