import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { TopicPartitions, WriteMarkers } from '@rivven/transactions'
import type { Catalog } from '../../src/catalog/catalog.js'
import type { Cluster } from '../../src/cluster/cluster.js'
import { PartitionFinder } from '../../src/cluster/partition-finder.js'
import { Transitions } from '../../src/cluster/transitions.js'
import type { Coordinator } from '../../src/coordinator/groups/coordinator.js'
import { type MarkerAsker, MarkerWriter } from '../../src/coordinator/transactions/markers/marker-writer.js'
import type { Logs } from '../../src/log/logs.js'
import type { AppendResult, PartitionLog } from '../../src/log/partition-log.js'
import { silentLog } from '../../src/log-output.js'
import { clusterOfOne } from '../cluster/image-fixture.js'
import { noPeers } from '../cluster/peers/peers-fixture.js'
import { engines } from '../log/engines.js'
import { batchOf, marker, type OnePartition } from '../log/log-fixture.js'
import { settled, TestClock } from './test-clock.js'

/** A writer over one partition of `orders`, whose answers come from `errors` first, then from the log itself. */
class Scene {
  readonly clock = new TestClock()
  readonly written: TopicPartitions[] = []
  readonly errors: number[] = []
  isThere = true
  isOpened = true
  isWaiting = true
  attempts = 0
  readonly writer: MarkerWriter
  readonly #part: OnePartition

  constructor(part: OnePartition) {
    this.#part = part
    const catalog = { topic: () => (this.isThere ? { partitionCount: 1 } : undefined) } as unknown as Catalog
    const log = () => (this.isOpened ? this.#log() : undefined)
    const logs = { get: log, view: log } as unknown as Logs
    const cluster = clusterOfOne as Cluster
    const partitions = new PartitionFinder(cluster, logs, new Transitions(this.clock))
    const coordinator = { endTransaction: () => this.errors.shift() ?? ErrorCode.NONE } as unknown as Coordinator
    const runtime = { clock: this.clock } as unknown as Runtime
    this.writer = new MarkerWriter({
      ...{ runtime, catalog, cluster, partitions, coordinator },
      peers: noPeers(),
      log: silentLog(),
    })
  }

  async ask(committed: boolean, topic = 'orders', producerEpoch = 0): Promise<void> {
    const asker: MarkerAsker = {
      written: (partitions) => void this.written.push(...partitions),
      isWaiting: () => this.isWaiting,
    }
    this.writer.writeAll(effectOf(committed, topic, producerEpoch), 0, asker)
    await settled()
  }

  #log(): PartitionLog {
    const { log } = this.#part
    const append = (...args: Parameters<PartitionLog['append']>): Promise<AppendResult> => {
      this.attempts++
      const errorCode = this.errors.shift()
      if (errorCode === -2) return Promise.reject(new Error('as ordered'))
      return errorCode === undefined ? log.append(...args) : Promise.resolve({ errorCode } as AppendResult)
    }
    return { append, producers: log.producers } as unknown as PartitionLog
  }
}

function effectOf(committed: boolean, topic: string, producerEpoch: number): WriteMarkers {
  return {
    kind: 'WriteMarkers',
    ...{ transactionalId: 'x', producerId: 7, producerEpoch, committed, transactionVersion: 0 },
    partitions: [{ topic, partitions: [0] }],
  }
}

const orders = [{ topic: 'orders', partitions: [0] }]

function inTransaction(baseSequence: number): Buffer {
  return batchOf([`k${baseSequence}=v`], { producerId: 7, producerEpoch: 0, baseSequence, isTransactional: true })
}

async function scene(): Promise<{ part: OnePartition; scene: Scene }> {
  const part = await engines[0]!.partition({})
  await part.append(inTransaction(0))
  return { part, scene: new Scene(part) }
}

test('a marker is tried until it is written, and told of once', async () => {
  const { part, scene: it } = await scene()
  it.errors.push(ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.NOT_LEADER_OR_FOLLOWER, -2)
  await it.ask(true)
  assert.deepEqual(it.written, [])
  await it.clock.advance(299)
  assert.deepEqual([it.attempts, it.written], [3, []])
  await it.clock.advance(1)
  assert.deepEqual([it.attempts, it.written], [4, orders])
  assert.equal(part.log.lastStableOffset, 2)
  await it.clock.advance(1_000)
  assert.equal(it.attempts, 4)
})

test('a partition that is not open yet is waited for; one that was deleted needs no marker', async () => {
  const { scene: it } = await scene()
  it.isOpened = false
  await it.ask(true)
  await it.clock.advance(1_000)
  assert.deepEqual(it.written, [])
  it.isThere = false
  await it.clock.advance(100)
  assert.deepEqual(it.written, orders)
})

test('a shard of groups that is still loading gets its marker later', async () => {
  const { scene: it } = await scene()
  it.errors.push(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  await it.ask(true, '__consumer_offsets')
  assert.deepEqual(it.written, [])
  await it.clock.advance(100)
  assert.deepEqual(it.written, [{ topic: '__consumer_offsets', partitions: [0] }])
})

test('markers of a shard that has been loaded again are not written late, into the next transaction', async () => {
  const { part, scene: it } = await scene()
  it.errors.push(ErrorCode.KAFKA_STORAGE_ERROR)
  await it.ask(true)
  it.isWaiting = false
  await part.appendOwn(marker('COMMIT', 7))
  await part.append(inTransaction(1))
  await it.clock.advance(1_000)
  assert.equal(part.log.lastStableOffset, 2)
  assert.deepEqual(it.written, [])
})

test('a producer that wrote on behind the marker of an operator gets the end of its transaction all the same', async () => {
  const { part, scene: it } = await scene()
  assert.equal((await part.appendOwn(marker('ABORT', 7, 0, 9))).errorCode, ErrorCode.NONE)
  assert.equal((await part.append(inTransaction(1))).errorCode, ErrorCode.NONE)
  assert.equal(part.log.lastStableOffset, 2)
  await it.ask(false)
  assert.deepEqual(it.written, orders)
  assert.equal(part.log.lastStableOffset, 4)
  assert.equal(part.log.producers.producers.get(7)?.coordinatorEpoch, 9)
})

test('where an operator ended the transaction under a higher epoch of the producer, nothing is left to be ended', async () => {
  const { part, scene: it } = await scene()
  await part.appendOwn(marker('ABORT', 7, 1))
  await it.ask(true)
  assert.deepEqual([it.written, part.log.logEndOffset, part.log.lastStableOffset], [orders, 2, 2])
})

test('a closed writer makes no further attempt', async () => {
  const { scene: it } = await scene()
  it.errors.push(ErrorCode.KAFKA_STORAGE_ERROR)
  await it.ask(true)
  it.writer.close()
  await it.clock.advance(1_000)
  assert.deepEqual([it.attempts, it.written], [1, []])
})
