import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ErrorCode, WriteTxnMarkers } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { TopicPartitions, WriteMarkers } from '@rivven/transactions'
import type { Catalog } from '../../src/catalog/catalog.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { PartitionFinder } from '../../src/cluster/partition-finder.js'
import type { Peers } from '../../src/cluster/peers/peers.js'
import { Transitions } from '../../src/cluster/transitions.js'
import type { Coordinator } from '../../src/coordinator/groups/coordinator.js'
import { MarkerWriter } from '../../src/coordinator/transactions/markers/marker-writer.js'
import type { Logs } from '../../src/log/logs.js'
import { silentLog } from '../../src/log-output.js'
import { OtherBroker } from '../cluster/peers/other-broker.js'
import { topicLedBy } from '../cluster/peers/peers-fixture.js'
import { batchOf } from '../log/log-fixture.js'
import { settled, TestClock } from './test-clock.js'

// Broker 1 ends a transaction, and leads none of its partitions: broker 2 does, a real one.

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

class Scene {
  readonly clock = new TestClock()
  readonly other: OtherBroker
  readonly requests: number[] = []
  readonly writer: MarkerWriter
  readonly topics: ReadonlyMap<string, number>
  readonly #producer: Producer

  private constructor(other: OtherBroker, topics: ReadonlyMap<string, number>, producer: Producer) {
    this.other = other
    this.topics = topics
    this.#producer = producer
    const cluster = other.cluster as unknown as Cluster
    const catalog = { topic: (name: string) => partitionsOf(topics.get(name)) } as unknown as Catalog
    const partitions = new PartitionFinder(
      cluster,
      { get: () => undefined, view: () => undefined } as unknown as Logs,
      new Transitions(this.clock),
    )
    const coordinator = {} as Coordinator
    const runtime = { clock: this.clock } as unknown as Runtime
    const ask: Peers['ask'] = (broker, channel, api, request) => {
      const { markers = [] } = request as { markers?: readonly unknown[] }
      if ((api as unknown) === WriteTxnMarkers) this.requests.push(markers.length)
      return other.peers.ask(broker, channel, api, request)
    }
    const peers = { ask } as unknown as Peers
    this.writer = new MarkerWriter({ runtime, catalog, cluster, partitions, peers, coordinator, log: silentLog() })
  }

  /** Topics by the number of their partitions, in each of which the producer has written one record. */
  static async start(t: TestContext, topics: Record<string, number>): Promise<Scene> {
    const other = await OtherBroker.start(t)
    const producer = await other.begin('x')
    for (const [name, count] of Object.entries(topics)) {
      const id = await other.createTopic(name, count)
      for (let partition = 0; partition < count; partition++) {
        await other.append(id, partition, inTransaction(producer), 'x')
      }
    }
    const scene = new Scene(other, new Map(Object.entries(topics)), producer)
    scene.led(2)
    return scene
  }

  /** From now on, by what is known here. */
  led(leader: number | null): void {
    this.other.show(...[...this.topics].map(([name, count]) => topicLedBy(name, ...Array(count).fill(leader))))
  }

  /** Resolves when all has its end. */
  end(coordinatorEpoch = 0): Promise<void> {
    const waiting = new Set([...this.topics].flatMap(([name, count]) => keysOf(name, count)))
    return new Promise((resolve) => {
      this.writer.writeAll(this.effect, coordinatorEpoch, {
        isWaiting: (topic, partition) => waiting.has(`${topic}-${partition}`),
        written: (partitions) => {
          for (const { topic, partitions: indexes } of partitions) waiting.delete(`${topic}-${indexes[0]}`)
          if (waiting.size === 0) resolve()
        },
      })
    })
  }

  /** Ends it as an operator does, under this coordinator epoch. */
  async endByHand(coordinatorEpoch: number): Promise<void> {
    const topics = [{ name: 'orders', partitionIndexes: [0] }]
    const end = { transactionResult: false, transactionVersion: 0, coordinatorEpoch }
    const markers = [{ ...this.#producer, ...end, topics }]
    const answer = await this.other.peers.ask(2, 'markers', WriteTxnMarkers, { markers })
    assert.equal(answer.markers[0]?.topics[0]?.partitions[0]?.errorCode, ErrorCode.NONE)
  }

  get effect(): WriteMarkers {
    const partitions: TopicPartitions[] = [...this.topics].map(([topic, count]) => ({
      topic,
      partitions: Array.from({ length: count }, (_, index) => index),
    }))
    const end = { ...this.#producer, committed: true, transactionVersion: 0 }
    return { kind: 'WriteMarkers', transactionalId: 'x', ...end, partitions }
  }
}

function partitionsOf(partitionCount: number | undefined) {
  return partitionCount === undefined ? undefined : { partitionCount }
}

function keysOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`)
}

function inTransaction(producer: Producer): Buffer {
  return batchOf(['k=v'], { ...producer, baseSequence: 0, isTransactional: true })
}

test('the leader of the partitions writes the markers of a transaction, all of them for one request', async (t) => {
  const scene = await Scene.start(t, { orders: 3, payments: 1 })
  assert.equal(await scene.other.stableEnd('orders', 2), 0)
  await scene.end()
  assert.deepEqual(scene.requests, [4])
  for (const partition of [0, 1, 2]) assert.equal(await scene.other.stableEnd('orders', partition), 2)
  assert.equal(await scene.other.stableEnd('payments'), 2)
})

test('while nobody leads a partition, its marker is tried every 100 ms; the leader of then writes it', async (t) => {
  const scene = await Scene.start(t, { orders: 1 })
  scene.led(null)
  const ended = scene.end()
  await settled()
  await scene.clock.advance(300)
  assert.deepEqual(scene.requests, [])
  scene.led(2)
  await scene.clock.advance(100)
  await ended
  assert.deepEqual(scene.requests, [1])
  assert.equal(await scene.other.stableEnd('orders'), 2)
})

test('a leader that has gone meanwhile does not end the search', async (t) => {
  const scene = await Scene.start(t, { orders: 1 })
  scene.led(3)
  const ended = scene.end()
  await settled()
  scene.led(2)
  await scene.clock.advance(100)
  await ended
  assert.equal(await scene.other.stableEnd('orders'), 2)
})

test('behind the marker of an operator with a higher coordinator epoch, ours has that one, too', async (t) => {
  const scene = await Scene.start(t, { orders: 1 })
  await scene.endByHand(9)
  await scene.end()
  assert.deepEqual(scene.requests, [1, 1])
})

test('a coordinator that may have been replaced raises no epoch: another one may have written the marker', async (t) => {
  const scene = await Scene.start(t, { orders: 1 })
  await scene.endByHand(9)
  scene.other.cluster.isServing = false
  let isEnded = false
  void scene.end().then(() => {
    isEnded = true
  })
  while (scene.clock.pending === 0) await settled()
  assert.deepEqual([scene.requests, isEnded], [[1], false])
  scene.writer.close()
})
