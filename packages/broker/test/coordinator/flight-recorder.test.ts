import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchesOf, readRecords } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Catalog } from '../../src/catalog/catalog.js'
import { AloneCluster } from '../../src/cluster/alone/alone-cluster.js'
import { LedPartitions } from '../../src/cluster/led-partitions.js'
import { Transitions } from '../../src/cluster/transitions.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { Coordinator } from '../../src/coordinator/groups/coordinator.js'
import { offsetsTopic } from '../../src/coordinator/groups/offsets-topic.js'
import { FlightRecorder } from '../../src/coordinator/timeline/flight-recorder.js'
import { StoryPartitions } from '../../src/coordinator/timeline/story-partitions.js'
import type { Logs } from '../../src/log/logs.js'
import { silentLog } from '../../src/log-output.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import { noPeers } from '../cluster/peers/peers-fixture.js'
import { asker, joinOf, noConnection, syncOf } from './group-requests.js'
import { settled, TestClock } from './test-clock.js'

const topic = '__rivven_rebalances'

/** A coordinator with its recorder over a storage that outlives both. */
class RecordedBroker {
  readonly clock = new TestClock()
  readonly storage = new MemoryStorage(this.clock)
  catalog!: Catalog
  logs!: Logs
  coordinator!: Coordinator
  recorder!: FlightRecorder
  readonly #values: Record<string, unknown>

  constructor(values: Record<string, unknown> = {}) {
    this.#values = { group_initial_rebalance_delay_ms: 0, offsets_topic_num_partitions: 1, ...values }
  }

  async start(): Promise<this> {
    let ids = 0
    const random = { next: () => 0.5, uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}` }
    const runtime = { clock: this.clock, random } as unknown as Runtime
    const config = brokerConfig([{ from: 'test', values: this.#values }])
    const cluster = await AloneCluster.open({ storage: this.storage, runtime, config, warn: assert.fail })
    this.catalog = cluster.catalog
    this.logs = await cluster.openLogs({ clock: this.clock })
    const parts = { config, runtime, catalog: this.catalog, logs: this.logs, log: silentLog() }
    const partitions = new StoryPartitions({ ...parts, cluster, clock: this.clock, peers: noPeers() })
    this.recorder = new FlightRecorder({ ...parts, cluster, partitions })
    this.coordinator = new Coordinator({ ...parts, observers: [this.recorder] })
    await this.recorder.start()
    this.coordinator.start()
    const listeners = new Map([[offsetsTopic, this.coordinator]])
    const led = new LedPartitions({ ...parts, listeners, transitions: new Transitions(this.clock) })
    await cluster.start({ led, listen: async () => new Map() })
    return this
  }

  async restart(how: 'kill' | 'stop'): Promise<void> {
    if (how === 'kill') this.recorder.abandon()
    await this.coordinator.close()
    if (how === 'stop') await this.recorder.close()
    await this.start()
  }

  /** One static member forms a generation and settles it. */
  async settle(groupId: string, memberId = ''): Promise<string> {
    const joined = this.coordinator.joinGroup(joinOf(groupId, 'i', memberId), asker, noConnection)
    await this.#pass(joined)
    const { memberId: given, generationId } = await joined
    const synced = await this.coordinator.syncGroup(syncFrom(groupId, given, generationId), asker)
    assert.equal(synced.errorCode, 0)
    return given
  }

  async told(): Promise<void> {
    await this.clock.advance(100)
    await settled()
  }

  outcomes(groupId: string): unknown[] {
    return this.recorder.storiesOf(groupId).map(({ generation, outcome }) => [generation, outcome])
  }

  async #pass(answer: unknown): Promise<void> {
    let isDone = false
    void Promise.resolve(answer).then(() => {
      isDone = true
    })
    for (let turn = 0; turn < 20 && !isDone; turn++) await this.clock.advance(1)
  }
}

function syncFrom(groupId: string, memberId: string, generation: number) {
  return {
    ...syncOf(groupId, memberId, generation),
    groupInstanceId: 'i',
    protocolType: 'consumer',
    protocolName: 'range',
  }
}

test('a story is shown at once, and written to a topic that is made with the first', async () => {
  const broker = await new RecordedBroker().start()
  await broker.settle('g')
  assert.equal(broker.catalog.topic(topic), undefined, 'nothing is written on the way of a request')
  assert.deepEqual(broker.outcomes('g'), [[1, 'stable']])
  await broker.told()
  assert.deepEqual([broker.catalog.topic(topic)?.partitionCount, broker.catalog.topic(topic)?.isInternal], [1, true])
  const log = broker.logs.get(topic, 0)
  assert.ok(log)
  const read = await log.read({ offset: 0, maxBytes: 1e6, atLeastOne: true, isolation: 'uncommitted' })
  const [batch] = [...batchesOf(read.records[0]!)]
  const record = readRecords(batch!).read()
  const [story] = broker.recorder.storiesOf('g')
  assert.deepEqual(JSON.parse(record!.value!.toString()), story)
  assert.deepEqual([record!.key!.toString(), record!.timestamp], ['g', story!.endedAt])
})

for (const how of ['stop', 'kill'] as const) {
  test(`stories outlive a broker that ends by ${how}, and new ones follow them`, async () => {
    const broker = await new RecordedBroker().start()
    const memberId = await broker.settle('g')
    await broker.settle('other')
    await broker.told()
    await broker.restart(how)
    assert.deepEqual(broker.outcomes('g'), [[1, 'stable']])
    await broker.settle('g', memberId)
    assert.deepEqual(broker.outcomes('g'), [
      [1, 'stable'],
      [2, 'stable'],
    ])
    assert.deepEqual(broker.outcomes('other'), [[1, 'stable']])
  })
}

test('a broker that ends cleanly in the middle of a rebalance writes down that it did, and only once', async () => {
  const broker = await new RecordedBroker().start()
  const memberId = await broker.settle('g')
  await broker.coordinator.joinGroup(joinOf('g', 'i', memberId), asker, noConnection)
  await broker.restart('stop')
  const expected = [
    [1, 'stable'],
    [2, 'coordinator moved'],
  ]
  assert.deepEqual(broker.outcomes('g'), expected)
  await broker.restart('stop')
  assert.deepEqual(broker.outcomes('g'), expected)
})

test('a broker that dies in the middle of a rebalance is told of by the next, and only once', async () => {
  const broker = await new RecordedBroker().start()
  const memberId = await broker.settle('g')
  await broker.told()
  await broker.coordinator.joinGroup(joinOf('g', 'i', memberId), asker, noConnection)
  await broker.restart('kill')
  const expected = [
    [1, 'stable'],
    [2, 'coordinator moved'],
  ]
  assert.deepEqual(broker.outcomes('g'), expected)
  await broker.told()
  await broker.restart('kill')
  assert.deepEqual(broker.outcomes('g'), expected)
  await broker.settle('g', memberId)
  assert.deepEqual(
    broker.recorder.storiesOf('g').map(({ cause }) => cause),
    ['first member', 'coordinator moved', 'coordinator moved'],
  )
})

test('with the topic switched off stories are in memory only', async () => {
  const broker = await new RecordedBroker({ group_timeline_topic_enable: false }).start()
  await broker.settle('g')
  await broker.told()
  assert.deepEqual(broker.outcomes('g'), [[1, 'stable']])
  assert.equal(broker.catalog.topic(topic), undefined)
  await broker.restart('stop')
  assert.deepEqual(broker.outcomes('g'), [])
})

test('a topic that cannot be written harms nobody, and is tried again with the next story', async () => {
  const broker = await new RecordedBroker().start()
  const { catalog } = broker
  const create = catalog.createTopic.bind(catalog)
  catalog.createTopic = async (name, ...rest) => {
    if (name === topic) throw new Error('no room')
    return create(name, ...rest)
  }
  const memberId = await broker.settle('g')
  await broker.told()
  assert.deepEqual(broker.outcomes('g'), [[1, 'stable']])
  catalog.createTopic = create
  await broker.settle('g', memberId)
  await broker.told()
  assert.equal(broker.logs.get(topic, 0)?.logEndOffset, 1)
})

test('of a topic with many stories the newest are read at the start', async () => {
  const broker = await new RecordedBroker({ group_timeline_max_total_entries: 3 }).start()
  let memberId = ''
  for (let round = 0; round < 5; round++) {
    memberId = await broker.settle('g', memberId)
    await broker.told()
  }
  await broker.restart('stop')
  assert.deepEqual(
    broker.recorder.storiesOf('g').map(({ generation }) => generation),
    [3, 4, 5],
  )
})

test('a rebalance that lasts is noted with whom it waits for, which is no story', async () => {
  const broker = await new RecordedBroker().start()
  await broker.settle('g')
  await broker.told()
  const waiting = broker.coordinator.joinGroup(joinOf('g', 'other'), asker, noConnection)
  await broker.clock.advance(2_000)
  await settled()
  const log = broker.logs.get(topic, 0)
  const read = await log!.read({ offset: 1, maxBytes: 1e6, atLeastOne: true, isolation: 'uncommitted' })
  const [batch] = [...batchesOf(read.records[0]!)]
  const note = JSON.parse(readRecords(batch!).read()!.value!.toString())
  assert.deepEqual([note.kind, note.phase, note.awaited[0].groupInstanceId], ['waiting', 'join', 'i'])
  await broker.restart('kill')
  await waiting
  assert.deepEqual(broker.outcomes('g').slice(0, 1), [[1, 'stable']])
})
