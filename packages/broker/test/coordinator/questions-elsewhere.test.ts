import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AddPartitionsToTxn, ErrorCode } from '@rivven/protocol'
import { nodeRuntime } from '@rivven/runtime'
import type { Peers } from '../../src/cluster/peers/peers.js'
import type { TransactionCoordinator } from '../../src/coordinator/transactions/transaction-coordinator.js'
import { TransactionDesk } from '../../src/coordinator/transactions/transaction-desk.js'
import { TransactionGate } from '../../src/coordinator/transactions/transaction-gate.js'
import { OtherBroker } from '../cluster/peers/other-broker.js'
import { topicLedBy } from '../cluster/peers/peers-fixture.js'
import { engines } from '../log/engines.js'
import { batchOf, marker, type OnePartition } from '../log/log-fixture.js'

// Broker 1 leads orders-0; the transactions that write there are coordinated by broker 2, a real one.

class Scene {
  readonly other: OtherBroker
  readonly part: OnePartition
  readonly gate: TransactionGate
  /** How many transactions each request was about. */
  readonly requests: number[] = []

  private constructor(other: OtherBroker, part: OnePartition) {
    this.other = other
    this.part = part
    const transactions = { coordinates: () => false, partitionOf: () => 0 } as unknown as TransactionCoordinator
    const ask: Peers['ask'] = (broker, channel, api, request) => {
      const { transactions: asked = [] } = request as { transactions?: readonly unknown[] }
      if ((api as unknown) === AddPartitionsToTxn) this.requests.push(asked.length)
      return other.peers.ask(broker, channel, api, request)
    }
    const peers = { ask } as unknown as Peers
    const desk = new TransactionDesk({ transactions, cluster: other.cluster, peers, clock: nodeRuntime().clock })
    this.gate = new TransactionGate({ desk, verifies: true })
  }

  static async start(t: TestContext): Promise<Scene> {
    const other = await OtherBroker.start(t)
    await other.createTopic('orders')
    const scene = new Scene(other, await engines[0]!.partition({}))
    scene.coordinatedBy(2)
    return scene
  }

  coordinatedBy(leader: number | null): void {
    this.other.show(topicLedBy('__transaction_state', leader))
  }

  /** Appends a record of the transactional id; the error code of the answer. */
  async send(transactionalId: string, producer: Producer, baseSequence = 0): Promise<number> {
    const batch = batchOf(['k=v'], { ...producer, baseSequence, isTransactional: true })
    const options = { acks: -1, origin: 'client', produceVersion: 12 } as const
    return (await this.gate.append(this.part.log, batch, transactionalId, options)).errorCode
  }
}

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

test('the first batch of a transaction puts its partition there, wherever that is coordinated', async (t) => {
  const scene = await Scene.start(t)
  const producer = await scene.other.begin('a')
  assert.equal(await scene.send('a', producer), ErrorCode.NONE)
  assert.equal(await scene.send('a', producer, 1), ErrorCode.NONE)
  assert.deepEqual(scene.requests, [1])
  const { state, topics } = await scene.other.transaction('a')
  assert.deepEqual([state, topics], ['Ongoing', [{ topic: 'orders', partitions: [0] }]])
})

test('a coordinator elsewhere is asked once for all that begins in one turn', async (t) => {
  const scene = await Scene.start(t)
  const producers = [await scene.other.begin('a'), await scene.other.begin('b'), await scene.other.begin('c')]
  const sent = await Promise.all(producers.map((producer, at) => scene.send('abc'.charAt(at), producer)))
  assert.deepEqual(sent, [0, 0, 0])
  assert.deepEqual(scene.requests, [3])
})

test('what the coordinator refuses is refused: another producer has taken the transactional id', async (t) => {
  const scene = await Scene.start(t)
  const old = await scene.other.begin('a')
  await scene.other.begin('a')
  assert.equal(await scene.send('a', old), ErrorCode.INVALID_PRODUCER_EPOCH)
})

test('a marker of the transaction before that comes while the coordinator is asked stops nobody', async (t) => {
  const scene = await Scene.start(t)
  const producer = await scene.other.begin('a')
  const sent = scene.send('a', producer)
  while (scene.requests.length === 0) await Promise.resolve()
  await scene.part.appendOwn(marker('COMMIT', producer.producerId, producer.producerEpoch))
  assert.equal(await sent, ErrorCode.NONE)
  assert.deepEqual(scene.requests, [1, 1])
})

test('a transaction that ends while its coordinator is asked takes nothing more', async (t) => {
  const scene = await Scene.start(t)
  const producer = await scene.other.begin('a')
  const sent = scene.send('a', producer)
  while (scene.requests.length === 0) await Promise.resolve()
  const ended = await scene.other.abort('a', producer)
  await scene.part.appendOwn(marker('ABORT', ended.producerId, ended.producerEpoch))
  assert.equal(await sent, ErrorCode.INVALID_PRODUCER_EPOCH)
  assert.equal(scene.part.log.lastStableOffset, 1)
})

test('a producer comes again while its coordinator cannot be asked, or nobody knows who that is', async (t) => {
  const scene = await Scene.start(t)
  const producer = await scene.other.begin('a')
  scene.coordinatedBy(3)
  assert.equal(await scene.send('a', producer), ErrorCode.NOT_ENOUGH_REPLICAS)
  scene.coordinatedBy(2)
  assert.equal(await scene.send('a', producer), ErrorCode.NONE)
})
