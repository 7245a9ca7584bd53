import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { TransactionCoordinator } from '../../src/coordinator/transactions/transaction-coordinator.js'
import { TransactionDesk } from '../../src/coordinator/transactions/transaction-desk.js'
import { TransactionGate } from '../../src/coordinator/transactions/transaction-gate.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { noPeers } from '../cluster/peers/peers-fixture.js'
import { engines } from '../log/engines.js'
import { batchOf, marker, type OnePartition } from '../log/log-fixture.js'
import { settled, TestClock } from './test-clock.js'

interface Question {
  readonly verifyOnly: boolean
  readonly producerEpoch: number
}

/** A gate before one partition, and a coordinator that says what the test tells it to, else the truth. */
class Scene {
  readonly clock = new TestClock()
  /** Answers to come; when they are used up, `answer`, and without that what is so. */
  readonly answers: number[] = []
  answer: number | undefined
  /** Epoch of the open transaction. */
  epoch = 0
  isOpen = true
  readonly asked: boolean[] = []
  holds = false
  #held: (() => void)[] = []
  readonly desk: TransactionDesk
  readonly gate: TransactionGate
  readonly part: OnePartition

  private constructor(part: OnePartition, verifies: boolean) {
    this.part = part
    const addPartitions = async (question: Question) => {
      this.asked.push(question.verifyOnly)
      const partitionErrorCode = this.answers.shift() ?? this.answer ?? this.#truth(question)
      if (this.holds) await new Promise<void>((resolve) => this.#held.push(resolve))
      return { topicResults: [{ resultsByPartition: [{ partitionErrorCode }] }] }
    }
    const transactions = { addPartitions, coordinates: () => true } as unknown as TransactionCoordinator
    this.desk = new TransactionDesk({ transactions, cluster: clusterOfOne, peers: noPeers(), clock: this.clock })
    this.gate = new TransactionGate({ desk: this.desk, verifies })
  }

  static async make(verifies = true): Promise<Scene> {
    return new Scene(await engines[0]!.partition({}), verifies)
  }

  /** The transaction is over, with its marker in the partition. One whose partitions are added by writing has the next epoch. */
  async abort(version: number): Promise<void> {
    this.isOpen = false
    if (version >= 12) this.epoch++
    await this.part.appendOwn(marker('ABORT', 7, this.epoch))
  }

  #truth({ verifyOnly, producerEpoch }: Question): number {
    if (producerEpoch !== this.epoch) return ErrorCode.PRODUCER_FENCED
    return this.isOpen || !verifyOnly ? ErrorCode.NONE : ErrorCode.TRANSACTION_ABORTABLE
  }

  async release(): Promise<void> {
    this.holds = false
    for (const resolve of this.#held.splice(0)) resolve()
    await settled()
  }

  /** The error code of the answer. */
  async send(baseSequence: number, produceVersion = 12, producerEpoch = 0): Promise<number> {
    const batch = batchOf([`k${baseSequence}=v`], { producerId: 7, producerEpoch, baseSequence, isTransactional: true })
    const { errorCode } = await this.gate.append(this.part.log, batch, 'x', {
      acks: -1,
      origin: 'client',
      produceVersion,
    })
    return errorCode
  }
}

test('the first batch of a transaction asks the coordinator, those behind it do not', async () => {
  const it = await Scene.make()
  assert.deepEqual([await it.send(0), await it.send(1), await it.send(2)], [0, 0, 0])
  assert.deepEqual(it.asked, [false])
  await it.part.appendOwn(marker('COMMIT', 7))
  assert.equal(await it.send(3, 11), 0)
  assert.deepEqual(it.asked, [false, true])
})

test('a transaction whose marker comes between the question and the append takes nothing more', async () => {
  for (const [version, told] of [
    [9, ErrorCode.INVALID_TXN_STATE],
    [11, ErrorCode.INVALID_TXN_STATE],
    [12, ErrorCode.INVALID_PRODUCER_EPOCH],
  ] as const) {
    const it = await Scene.make()
    it.holds = true
    const sent = it.send(0, version)
    await settled()
    await it.abort(version)
    await it.release()
    await it.clock.advance(1)
    assert.equal(await sent, told)
    assert.deepEqual([it.part.log.logEndOffset, it.part.log.lastStableOffset], [1, 1])
  }
})

test('a marker of the transaction before that comes while the coordinator is asked stops nobody', async () => {
  const it = await Scene.make()
  it.epoch = 1
  it.holds = true
  const sent = it.send(0, 12, 1)
  await settled()
  await it.part.appendOwn(marker('COMMIT', 7, 1))
  await it.release()
  await it.clock.advance(1)
  assert.equal(await sent, ErrorCode.NONE)
  assert.deepEqual(it.asked, [false, false])
})

test('who verifies only is not asked for again: in its next transaction it has the same epoch', async () => {
  const it = await Scene.make()
  it.holds = true
  const sent = it.send(0, 11)
  await settled()
  await it.part.appendOwn(marker('COMMIT', 7))
  await it.release()
  assert.equal(await sent, ErrorCode.INVALID_TXN_STATE)
  assert.deepEqual(it.asked, [true])
})

test('markers without end are left to the producer', async () => {
  const it = await Scene.make()
  let markers = 0
  const question = {
    transactionalId: 'x',
    producerId: 7,
    producerEpoch: 0,
    topic: 't',
    partition: 0,
    verifyOnly: false,
  }
  const asked = it.desk.ask(question, () => ++markers)
  await settled()
  await it.clock.advance(200)
  assert.equal((await asked).isStillOpen(), false)
  assert.equal(it.asked.length, 8)
})

test('markers of others, and of the transaction before while it is waited for, stop nobody', async () => {
  const it = await Scene.make()
  it.answers.push(ErrorCode.CONCURRENT_TRANSACTIONS)
  const sent = it.send(0)
  await settled()
  await it.part.appendOwn(marker('COMMIT', 7))
  it.holds = true
  await it.clock.advance(100)
  await it.part.appendOwn(marker('COMMIT', 8))
  await it.release()
  assert.equal(await sent, ErrorCode.NONE)
})

test('batches that come while the markers of the last transaction are written wait for each other, and keep their order', async () => {
  const it = await Scene.make()
  it.answers.push(ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.CONCURRENT_TRANSACTIONS)
  const sent = [it.send(0), it.send(1), it.send(2)]
  await settled()
  assert.equal(it.part.log.logEndOffset, 0)
  await it.clock.advance(100)
  assert.deepEqual(await Promise.all(sent), [0, 0, 0])
  assert.deepEqual(await it.part.contents(), ['0 k0=v', '1 k1=v', '2 k2=v'])
  assert.equal(it.asked.length, 3)
})

test('markers that take too long are left to the producer to wait for', async () => {
  const it = await Scene.make()
  it.answer = ErrorCode.CONCURRENT_TRANSACTIONS
  const modern = it.send(0)
  await settled()
  await it.clock.advance(50)
  const soFar = it.asked.length
  await it.clock.advance(100)
  assert.ok(soFar > 1 && it.asked.length > soFar, 'it was asked for again and again')
  assert.equal(await modern, ErrorCode.CONCURRENT_TRANSACTIONS)
  it.asked.length = 0
  assert.equal(await it.send(0, 11), ErrorCode.NOT_ENOUGH_REPLICAS)
  assert.equal(it.asked.length, 1)
})

test('of batches sent in a row the first must go first, whatever became of it', async () => {
  const it = await Scene.make()
  it.answers.push(ErrorCode.NOT_COORDINATOR)
  const sent = await Promise.all([it.send(0, 11), it.send(1, 11)])
  assert.deepEqual(sent, [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER])
  assert.deepEqual([await it.send(0, 11), await it.send(1, 11)], [0, 0])
  assert.deepEqual(await it.part.contents(), ['0 k0=v', '1 k1=v'])
})

test('a refusal of an old epoch does not hold up the new one', async () => {
  const it = await Scene.make()
  it.epoch = 1
  assert.equal(await it.send(0, 11, 0), ErrorCode.INVALID_PRODUCER_EPOCH)
  assert.equal(await it.send(0, 11, 1), 0)
})

test('the words of the coordinator become those of Produce', async () => {
  const { TRANSACTION_ABORTABLE, INVALID_TXN_STATE, PRODUCER_FENCED, INVALID_PRODUCER_EPOCH } = ErrorCode
  const { COORDINATOR_LOAD_IN_PROGRESS, NOT_ENOUGH_REPLICAS, INVALID_PRODUCER_ID_MAPPING } = ErrorCode
  for (const [said, version, told] of [
    [TRANSACTION_ABORTABLE, 10, INVALID_TXN_STATE],
    [TRANSACTION_ABORTABLE, 11, TRANSACTION_ABORTABLE],
    [PRODUCER_FENCED, 12, INVALID_PRODUCER_EPOCH],
    [COORDINATOR_LOAD_IN_PROGRESS, 12, NOT_ENOUGH_REPLICAS],
    [INVALID_PRODUCER_ID_MAPPING, 12, INVALID_PRODUCER_ID_MAPPING],
  ] as const) {
    const it = await Scene.make()
    it.answer = said
    assert.equal(await it.send(0, version), told)
    assert.equal(it.part.log.logEndOffset, 0)
  }
})

test('without verification only what adds its partition by itself asks', async () => {
  const it = await Scene.make(false)
  it.answer = ErrorCode.TRANSACTION_ABORTABLE
  assert.equal(await it.send(0, 11), 0)
  assert.deepEqual(it.asked, [])
})
