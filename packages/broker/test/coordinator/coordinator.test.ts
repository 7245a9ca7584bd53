import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode, partitionForGroup } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Catalog } from '../../src/catalog/catalog.js'
import { AloneCluster } from '../../src/cluster/alone/alone-cluster.js'
import { LedPartitions } from '../../src/cluster/led-partitions.js'
import { Transitions } from '../../src/cluster/transitions.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { Coordinator } from '../../src/coordinator/groups/coordinator.js'
import { offsetsTopic } from '../../src/coordinator/groups/offsets-topic.js'
import type { Logs } from '../../src/log/logs.js'
import { silentLog } from '../../src/log-output.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import { asker, commitOf, joinOf, noConnection } from './group-requests.js'
import { settled, TestClock } from './test-clock.js'

class TestBroker {
  readonly clock = new TestClock()
  readonly storage = new MemoryStorage(this.clock)
  catalog!: Catalog
  logs!: Logs
  coordinator!: Coordinator
  readonly #config = brokerConfig([
    { from: 'test', values: { group_initial_rebalance_delay_ms: 0, offsets_retention_minutes: 60 } },
  ])

  async start(): Promise<this> {
    let ids = 0
    const random = { next: () => 0.5, uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}` }
    const runtime = { clock: this.clock, random } as unknown as Runtime
    const { storage } = this
    const config = this.#config
    const cluster = await AloneCluster.open({ storage, runtime, config, warn: assert.fail })
    this.catalog = cluster.catalog
    this.logs = await cluster.openLogs({ clock: this.clock })
    const parts = { catalog: this.catalog, logs: this.logs, log: silentLog() }
    this.coordinator = new Coordinator({ config, runtime, ...parts })
    this.coordinator.start()
    const listeners = new Map([[offsetsTopic, this.coordinator]])
    const led = new LedPartitions({ ...parts, listeners, transitions: new Transitions(this.clock) })
    await cluster.start({ led, listen: async () => new Map() })
    return this
  }

  async restart(): Promise<void> {
    await this.coordinator.close()
    await this.start()
  }

  async commit(groupId: string, offset: number, topic = 't'): Promise<number> {
    const answer = await this.coordinator.commitOffsets(commitOf(groupId, { 0: offset }, { topic }), asker)
    return answer.topics[0]!.partitions[0]!.errorCode
  }

  async committed(groupId: string, topic = 't'): Promise<number | undefined> {
    const group = await this.coordinator.fetchOffsets({ groupId, topics: null }, false)
    return group.topics.find(({ name }) => name === topic)?.partitions[0]?.committedOffset
  }
}

const groupIds = Array.from({ length: 60 }, (_, index) => `group-${index}`)

test('the topic of groups is made when the first group asks, once, compacted, with its 50 partitions', async () => {
  const { catalog, coordinator } = await new TestBroker().start()
  assert.equal(catalog.topic('__consumer_offsets'), undefined)
  assert.deepEqual(await coordinator.listGroups({ statesFilter: [], typesFilter: [] }), [])
  assert.deepEqual(await Promise.all([coordinator.ready(), coordinator.ready()]), [0, 0])
  const topic = catalog.topic('__consumer_offsets')
  assert.deepEqual([topic?.partitionCount, topic?.isInternal], [50, true])
  assert.equal(topic?.logConfig.cleanupPolicy.compact, true)
  assert.equal(topic?.logConfig.segmentBytes, 104_857_600)
})

test('offsets of groups in all partitions outlive the broker', async () => {
  const broker = await new TestBroker().start()
  assert.ok(new Set(groupIds.map((groupId) => partitionForGroup(groupId, 50))).size > 30)
  await Promise.all(groupIds.map((groupId, index) => broker.commit(groupId, index)))
  await broker.restart()
  for (const [index, groupId] of groupIds.entries()) assert.equal(await broker.committed(groupId), index)
  const listed = await broker.coordinator.listGroups({ statesFilter: [], typesFilter: [] })
  assert.deepEqual(listed?.map(({ groupId }) => groupId).sort(), [...groupIds].sort())
})

test('the offsets of a deleted topic go, in every group and for good', async () => {
  const broker = await new TestBroker().start()
  await broker.catalog.createTopic('t', 1)
  for (const groupId of groupIds.slice(0, 5)) {
    await broker.commit(groupId, 1)
    await broker.commit(groupId, 2, 'kept')
  }
  await broker.catalog.deleteTopics(['t'])
  await settled()
  await broker.restart()
  for (const groupId of groupIds.slice(0, 5)) {
    assert.equal(await broker.committed(groupId), undefined)
    assert.equal(await broker.committed(groupId, 'kept'), 2)
  }
})

test('expired offsets are swept, shard by shard, and again', async () => {
  const broker = await new TestBroker().start()
  await broker.commit('old', 1)
  await broker.clock.advance(40 * 60_000)
  await broker.commit('young', 1)
  await broker.clock.advance(30 * 60_000)
  while ((await broker.committed('old')) !== undefined) await settled()
  assert.equal(await broker.committed('young'), 1)
  await broker.clock.advance(60 * 60_000)
  while ((await broker.committed('young')) !== undefined) await settled()
  assert.deepEqual(await broker.coordinator.listGroups({ statesFilter: [], typesFilter: [] }), [])
})

test('where the topic cannot be made, groups are told that there is no coordinator, until it can', async () => {
  const broker = await new TestBroker().start()
  const write = broker.storage.writeDocument.bind(broker.storage)
  broker.storage.writeDocument = async () => {
    throw new Error('no room')
  }
  assert.equal(await broker.coordinator.ready(), 15)
  assert.equal(await broker.commit('g', 1), 15)
  assert.equal((await broker.coordinator.joinGroup(joinOf('g', 'one'), asker, noConnection)).errorCode, 15)
  // Clients before 3.9 give up on 15 when they ask for offsets.
  assert.equal((await broker.coordinator.fetchOffsets({ groupId: 'g', topics: null }, false)).errorCode, 16)
  broker.storage.writeDocument = write
  assert.equal(await broker.commit('g', 1), 0)
})

test('a partition can be given away and taken over again', async () => {
  const broker = await new TestBroker().start()
  await broker.commit('g', 1)
  const partition = partitionForGroup('g', 50)
  await broker.coordinator.lose(partition)
  assert.equal(await broker.commit('g', 2), 16)
  const other = groupIds.find((groupId) => partitionForGroup(groupId, 50) !== partition)!
  assert.equal(await broker.commit(other, 3), 0)
  await broker.coordinator.gain(partition, broker.logs.get(offsetsTopic, partition)!)
  assert.equal(await broker.committed('g'), 1)
  assert.equal(await broker.commit('g', 2), 0)
})

test('offsets of a transaction are refused once its marker was decided, however short a while ago', async () => {
  const { coordinator } = await new TestBroker().start()
  const partition = (await coordinator.partitionOf('g'))!
  const request = {
    ...commitOf('g', { 0: 1 }),
    transactionalId: 'x',
    producerId: 7,
    producerEpoch: 0,
    generationId: -1,
  }
  const markers = coordinator.watchMarkers(7)
  const commit = async () => {
    const answer = await coordinator.commitInTransaction(request, asker, () => markers.count === 0)
    return answer.topics[0]!.partitions[0]!.errorCode
  }
  const end = (producerId: number) => {
    const marker = { producerId, producerEpoch: 0, committed: true, coordinatorEpoch: 0, transactionVersion: 0 }
    return coordinator.endTransaction(partition, marker)
  }
  assert.equal(await commit(), ErrorCode.NONE)
  await end(8)
  assert.equal(await commit(), ErrorCode.NONE)
  const ended = end(7)
  assert.equal(await commit(), ErrorCode.INVALID_TXN_STATE)
  assert.equal(await ended, ErrorCode.NONE)
  markers.end()
})
