import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  batchBaseSequence,
  batchIsTransactional,
  batchProducerEpoch,
  contiguous,
  EndTxn,
  type EndTxnRequest,
  ErrorCode,
  InitProducerId,
  type InitProducerIdRequest,
  Produce,
  type ProduceRequest,
  TxnOffsetCommit,
  type TxnOffsetCommitRequest,
} from '@rivven/protocol'
import {
  ProducerFencedError,
  TransactionAbortableError,
  TransactionFatalError,
} from '../../../src/producer/transactions/transaction-errors.js'
import { positionOf, scene } from './scene.js'

type Scene = ReturnType<typeof scene>

/** Of each batch that was sent: epoch and first sequence. */
function stamps({ cluster }: Scene): [number, number][] {
  return cluster.requestsOf(Produce).map(({ request }) => {
    const batch = contiguous((request as ProduceRequest).topicData[0]!.partitionData[0]!.records)!
    assert.ok(batchIsTransactional(batch))
    return [batchProducerEpoch(batch), batchBaseSequence(batch)]
  })
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail('it succeeded'),
    (error: unknown) => error,
  )

async function commitOne({ clock, producer }: Scene, value = 'v'): Promise<void> {
  await clock.until(producer.transaction((txn) => txn.send({ topic: 't', value })))
}

test('level 1: a partition is added before its first batch leaves, and sequences go on with the next transaction', async () => {
  const it = scene(1)
  it.cluster.createTopic('t', 1)
  await commitOne(it)
  await commitOne(it)
  const order = it
    .names()
    .filter((name) => ['InitProducerId', 'AddPartitionsToTxn', 'Produce', 'EndTxn'].includes(name))
  const round = ['AddPartitionsToTxn', 'Produce', 'EndTxn']
  assert.deepEqual(order, ['InitProducerId', ...round, ...round])
  assert.deepEqual(stamps(it), [
    [0, 0],
    [0, 1],
  ])
  const produce = it.cluster.requestsOf(Produce)[0]!
  assert.equal(produce.version, 11)
  assert.equal((produce.request as ProduceRequest).transactionalId, 'copier')
  assert.equal(it.cluster.requestsOf(EndTxn)[0]!.version, 4)
  assert.equal(it.cluster.requestsOf(AddPartitionsToTxn)[0]!.version, 3)
})

test('level 2: writing is enough, and each transaction has the epoch that the end of the last one gave', async () => {
  const it = scene(2)
  it.cluster.createTopic('t', 1)
  await commitOne(it)
  await commitOne(it)
  assert.equal(it.cluster.requestsOf(AddPartitionsToTxn).length, 0)
  assert.deepEqual(stamps(it), [
    [0, 0],
    [1, 0],
  ])
  assert.equal(it.cluster.requestsOf(Produce)[0]!.version, 12)
  assert.equal(it.cluster.requestsOf(EndTxn)[1]!.version, 5)
  assert.equal((it.cluster.requestsOf(EndTxn)[1]!.request as EndTxnRequest).producerEpoch, 1)
})

test('a transaction without records and offsets asks nobody to end it', async () => {
  const { clock, cluster, producer } = scene(2)
  await clock.until(producer.transaction(async () => undefined))
  assert.equal(cluster.requestsOf(EndTxn).length, 0)
})

for (const level of [1, 2] as const) {
  test(`what passes is tried again, at level ${level}`, async () => {
    const it = scene(level)
    it.cluster.createTopic('t', 1)
    const { CONCURRENT_TRANSACTIONS, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS } = ErrorCode
    it.codes.set(InitProducerId, [CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS, CONCURRENT_TRANSACTIONS])
    it.codes.set(AddPartitionsToTxn, [CONCURRENT_TRANSACTIONS, NOT_COORDINATOR])
    it.codes.set(EndTxn, [NOT_COORDINATOR, CONCURRENT_TRANSACTIONS])
    await commitOne(it)
    assert.equal(it.cluster.requestsOf(InitProducerId).length, 4)
    assert.equal(it.cluster.requestsOf(EndTxn).length, 3)
  })

  test(`after a record failed only an abort is possible, and the next transaction goes well, at level ${level}`, async () => {
    const it = scene(level)
    const [partition] = it.cluster.createTopic('t', 1)
    it.cluster.produceError = () => ErrorCode.INVALID_RECORD
    const txn = await it.clock.until(it.producer.beginTransaction())
    assert.ok(
      (await it.clock.until(failure(txn.send({ topic: 't', value: 'bad' })))) instanceof TransactionAbortableError,
    )
    const refused = await it.clock.until(failure(txn.commit()))
    assert.ok(refused instanceof TransactionAbortableError)
    assert.equal(refused.code, 'INVALID_RECORD')
    assert.match(refused.message, /abort\(\)/)
    await it.clock.until(txn.abort())
    it.cluster.produceError = () => ErrorCode.NONE
    await commitOne(it, 'good')
    assert.deepEqual(partition!.values, ['good'])
    const ends = it.cluster.requestsOf(EndTxn).map(({ request }) => (request as EndTxnRequest).committed)
    assert.deepEqual(ends, [false, true])
    // Level 1 asks for another epoch after what may still be on its way (KIP-360); level 2 got one from the abort.
    const inits = it.cluster.requestsOf(InitProducerId).map(({ request }) => request as InitProducerIdRequest)
    assert.deepEqual(
      inits.map(({ producerId, producerEpoch }) => [producerId, producerEpoch]),
      level === 1
        ? [
            [-1, -1],
            [7, 0],
          ]
        : [[-1, -1]],
    )
    assert.deepEqual(stamps(it).at(-1), [1, 0])
  })

  test(`a record that fails takes along those that wait to be sent again, at level ${level}`, async () => {
    const it = scene(level)
    it.cluster.createTopic('t', 2)
    // The leader of partition 1 is away; what partition 0 says ends all hopes of a commit meanwhile.
    const { INVALID_TXN_STATE, NOT_ENOUGH_REPLICAS } = ErrorCode
    it.cluster.produceError = (_, partition) => (partition === 0 ? INVALID_TXN_STATE : NOT_ENOUGH_REPLICAS)
    const txn = await it.clock.until(it.producer.beginTransaction())
    const records = [0, 1].map((partition) => ({ topic: 't', partition, value: 'v' }))
    const begun = it.clock.monotonic()
    const error = await it.clock.until(failure(txn.sendMany(records)))
    assert.ok(error instanceof TransactionAbortableError)
    assert.equal(error.errorCode, INVALID_TXN_STATE)
    assert.ok(it.clock.monotonic() - begun < 10_000, 'soon, and not when its time for delivery is over')
    it.cluster.produceError = () => ErrorCode.NONE
    await it.clock.until(txn.abort())
    await it.clock.until(it.producer.transaction((next) => next.sendMany(records)))
    assert.deepEqual(
      it.cluster.topics.get('t')!.map(({ values }) => values),
      [['v'], ['v']],
    )
  })

  test(`a fenced producer says so from then on, at level ${level}`, async () => {
    const it = scene(level)
    it.cluster.createTopic('t', 1)
    it.codes.set(EndTxn, [ErrorCode.PRODUCER_FENCED])
    const txn = await it.clock.until(it.producer.beginTransaction())
    await it.clock.until(txn.send({ topic: 't', value: 'v' }))
    const error = await it.clock.until(failure(txn.commit()))
    assert.ok(error instanceof ProducerFencedError)
    assert.equal(error.fatal, true)
    for (const call of [() => txn.abort(), () => txn.commit(), () => it.producer.beginTransaction()])
      assert.equal(await it.clock.until(failure(call())), error)
  })

  test(`an old epoch at a leader is no fence yet: the abort tells, at level ${level}`, async () => {
    const it = scene(level)
    it.cluster.createTopic('t', 1)
    it.cluster.produceError = () => ErrorCode.INVALID_PRODUCER_EPOCH
    const txn = await it.clock.until(it.producer.beginTransaction())
    assert.ok(
      (await it.clock.until(failure(txn.send({ topic: 't', value: 'v' })))) instanceof TransactionAbortableError,
    )
    it.codes.set(EndTxn, [ErrorCode.PRODUCER_FENCED])
    assert.ok((await it.clock.until(failure(txn.abort()))) instanceof ProducerFencedError)
  })

  test(`a lost answer to EndTxn leads to another one with the same outcome, at level ${level}`, async () => {
    const it = scene(level)
    it.cluster.createTopic('t', 1)
    let faults = 2
    it.cluster.fate = ({ api }) => (api === EndTxn && faults-- > 0 ? 'close after' : 'answer')
    await commitOne(it)
    const ends = it.cluster.requestsOf(EndTxn).map(({ request }) => (request as EndTxnRequest).committed)
    assert.deepEqual(ends, [true, true, true])
  })

  test(`a commit without an answer can only be called again, at level ${level}`, async () => {
    const it = scene(level, { maxBlockMs: 5000, requestTimeoutMs: 2000 })
    it.cluster.createTopic('t', 1)
    const txn = await it.clock.until(it.producer.beginTransaction())
    await it.clock.until(txn.send({ topic: 't', value: 'v' }))
    it.cluster.fate = ({ api }) => (api === EndTxn ? 'silence' : 'answer')
    const unknown = (await it.clock.until(failure(txn.commit()))) as { retriable: boolean; message: string }
    assert.equal(unknown.retriable, true)
    assert.match(unknown.message, /not known.*commit\(\) again/)
    await assert.rejects(txn.abort(), { code: 'INVALID_STATE' })
    it.cluster.fate = () => 'answer'
    await it.clock.until(txn.commit())
    assert.equal(txn.isOpen, false)
  })

  test(`offsets carry the place of the member in its group, at level ${level}`, async () => {
    const it = scene(level)
    it.codes.set(TxnOffsetCommit, [ErrorCode.NOT_COORDINATOR, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS])
    const position = positionOf([{ topic: 'in', partition: 3, offset: 42 }])
    await it.clock.until(it.producer.transaction((txn) => txn.commitOffsets(position)))
    const sent = it.cluster.requestsOf(TxnOffsetCommit)
    assert.equal(sent.length, 3)
    assert.equal(sent[0]!.version, level === 2 ? 5 : 4)
    assert.equal(it.cluster.requestsOf(AddOffsetsToTxn).length, level === 2 ? 0 : 1)
    const { generationId, memberId, groupInstanceId, topics } = sent[0]!.request as TxnOffsetCommitRequest
    assert.deepEqual(
      { generationId, memberId, groupInstanceId },
      { generationId: 4, memberId: 'm-1', groupInstanceId: 'i-1' },
    )
    assert.equal(topics[0]!.partitions[0]!.committedOffset, 42)
    assert.equal(it.cluster.requestsOf(EndTxn).length, 1)
  })

  for (const code of [ErrorCode.ILLEGAL_GENERATION, ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.FENCED_INSTANCE_ID]) {
    test(`offsets refused with ${code} spoil the transaction, not the producer, at level ${level}`, async () => {
      const it = scene(level)
      it.codes.set(TxnOffsetCommit, [code])
      const txn = await it.clock.until(it.producer.beginTransaction())
      const position = positionOf([{ topic: 'in', partition: 0, offset: 1 }])
      const error = await it.clock.until(failure(txn.commitOffsets(position)))
      assert.ok(error instanceof TransactionAbortableError)
      await it.clock.until(txn.abort())
      await it.clock.until(it.producer.transaction((next) => next.commitOffsets(position)))
    })
  }
}

test('offsets of a consumer that is no member any more are never sent', async () => {
  const { clock, cluster, producer } = scene(2)
  const txn = await clock.until(producer.beginTransaction())
  const lost = { ...positionOf([{ topic: 'in', partition: 0, offset: 1 }]), isLost: true }
  await assert.rejects(clock.until(txn.commitOffsets(lost)), { code: 'COMMIT_FAILED' })
  assert.equal(cluster.requestsOf(TxnOffsetCommit).length, 0)
})

test('an abort drops what has not left yet', async () => {
  const { clock, cluster, producer } = scene(2, { lingerMs: 60_000 })
  const [partition] = cluster.createTopic('t', 1)
  const txn = await clock.until(producer.beginTransaction())
  const sent = failure(txn.send({ topic: 't', value: 'waiting' }))
  await clock.advance(100)
  await clock.until(txn.abort())
  assert.ok(await sent)
  assert.deepEqual(partition!.values, [])
})

test('a wrong transactional id ends the producer, missing rights at the beginning do not', async () => {
  const it = scene(2)
  it.cluster.createTopic('t', 1)
  it.codes.set(InitProducerId, [ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED])
  await assert.rejects(it.clock.until(it.producer.beginTransaction()), { fatal: false })
  it.codes.set(EndTxn, [ErrorCode.INVALID_PRODUCER_ID_MAPPING])
  const error = await it.clock.until(failure(it.producer.transaction((txn) => txn.send({ topic: 't', value: 'v' }))))
  assert.ok(error instanceof TransactionFatalError)
  assert.equal(await it.clock.until(failure(it.producer.beginTransaction())), error)
})

for (const level of [1, 2] as const) {
  test(`level ${level}: what work left open, since its abort failed as well, is ended by the next transaction`, async () => {
    const it = scene(level, { maxBlockMs: 1_000 })
    it.cluster.createTopic('t', 1)
    it.codes.set(EndTxn, new Array(1_000).fill(ErrorCode.COORDINATOR_NOT_AVAILABLE))
    const work = it.producer.transaction(async (txn) => {
      await txn.send({ topic: 't', value: 'left' })
      throw new Error('no')
    })
    await assert.rejects(it.clock.until(work), /^Error: no$/)
    it.codes.delete(EndTxn)
    await commitOne(it)
    assert.equal(it.names().filter((name) => name === 'InitProducerId').length, 2)
    assert.deepEqual(stamps(it), [
      [0, 0],
      [1, 0],
    ])
  })
}

test('a transactional producer needs acks all and idempotence', () => {
  assert.throws(() => scene(2, { acks: 1 }), { code: 'INVALID_ARGUMENT' })
  assert.throws(() => scene(2, { idempotent: false }), { code: 'INVALID_ARGUMENT' })
  assert.throws(() => scene(2, { transactionalId: '' }), { code: 'INVALID_ARGUMENT' })
})

test('offsets that are no position of a consumer are refused with what to write', async () => {
  const { clock, producer } = scene(2)
  const transaction = await clock.until(producer.beginTransaction())
  for (const position of [undefined, [{ topic: 't', partition: 0, offset: 5 }]]) {
    const commit = transaction.commitOffsets(position as never)
    await assert.rejects(commit, { code: 'INVALID_ARGUMENT', message: /Write commitOffsets\(consumer\.position\(\)\)/ })
  }
})
