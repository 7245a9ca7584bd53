import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorCode } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Catalog } from '../../src/catalog/catalog.js'
import type { Assigned, Handed } from '../../src/cluster/cluster.js'
import { LedPartitions } from '../../src/cluster/led-partitions.js'
import { Transitions } from '../../src/cluster/transitions.js'
import { brokerConfig } from '../../src/config/broker-config.js'
import { Coordinator } from '../../src/coordinator/groups/coordinator.js'
import { offsetsTopic } from '../../src/coordinator/groups/offsets-topic.js'
import { LogStore } from '../../src/log/log-store.js'
import { silentLog } from '../../src/log-output.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import { topicConfig } from '../log/record-vectors.js'
import { asker, beatOf, commitOf, joinOf, noConnection, syncOf } from './group-requests.js'
import { settled, TestClock } from './test-clock.js'

const topic = { name: offsetsTopic, id: 'AAAAAAAAAAAAAAAAAAAAAQ', configs: topicConfig({}) }
const { NONE, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, REBALANCE_IN_PROGRESS } = ErrorCode

/** A broker that may be one of several: the only partition of groups comes and goes. */
class OneOfSeveral {
  readonly clock = new TestClock()
  isServing = true
  /** What the cluster says of the partition. */
  leads = false
  readonly logs = new LogStore({ storage: new MemoryStorage(this.clock), clock: this.clock })
  readonly coordinator: Coordinator
  readonly led: LedPartitions

  constructor() {
    const { clock, logs } = this
    let ids = 0
    const runtime = { clock, random: { next: () => 0.5, uuid: () => `id-${++ids}` } } as unknown as Runtime
    const catalog = { topic: () => ({ partitionCount: 1 }), onChange: () => () => undefined } as unknown as Catalog
    const values = { group_initial_rebalance_delay_ms: 0 }
    const parts = { config: brokerConfig([{ from: 'test', values }]), runtime, catalog, logs, log: silentLog() }
    this.coordinator = new Coordinator({ ...parts, isServing: () => this.isServing, leads: () => this.leads })
    const listeners = new Map([[offsetsTopic, this.coordinator]])
    this.led = new LedPartitions({ ...parts, listeners, transitions: new Transitions(clock) })
  }

  open(epoch: number): Promise<void> {
    return this.led.open(topic, [0], epoch)
  }

  handOver(assign: () => Promise<Assigned>, patienceMs = 0, isUrgent = true): Promise<Handed> {
    const { signal } = new AbortController()
    return this.led.handOver(offsetsTopic, 0, { assign, begun, patienceMs, isUrgent, signal })
  }

  async commit(offset: number): Promise<number | undefined> {
    const { topics } = await this.coordinator.commitOffsets(commitOf('offsets-only', { 0: offset }), asker)
    return topics[0]?.partitions[0]?.errorCode
  }

  async committed(): Promise<number | undefined> {
    const { topics } = await this.coordinator.fetchOffsets({ groupId: 'offsets-only', topics: null }, false)
    return topics[0]?.partitions[0]?.committedOffset
  }

  /** A new member of the group `g`, which has joined and not synced. */
  async join(): Promise<string> {
    const joining = this.coordinator.joinGroup(joinOf('g', 'one'), asker, noConnection)
    await this.clock.advance(100)
    return (await joining).memberId
  }

  async sync(memberId: string): Promise<number> {
    return (await this.coordinator.syncGroup(syncOf('g', memberId, 1), { ...asker, apiVersion: 4 })).errorCode
  }

  get memberCount(): number {
    return [...this.coordinator.groups()].reduce((count, { members }) => count + members.size, 0)
  }
}

const begun = () => undefined

test('what comes while groups are handed over waits, and then looks for its coordinator', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  assert.equal(await broker.commit(5), NONE)
  let assigned: (result: Assigned) => void = assert.fail
  const handed = broker.handOver(
    () =>
      new Promise((resolve) => {
        assigned = resolve
      }),
  )
  await settled()
  let answer: number | undefined
  const commit = broker.commit(6).then((errorCode) => {
    answer = errorCode
  })
  await settled()
  assert.equal(answer, undefined)
  assigned('elsewhere')
  await Promise.all([handed, commit])
  assert.equal(answer, NOT_COORDINATOR)
  assert.equal(await broker.commit(7), NOT_COORDINATOR)
})

test('who comes between the election of a broker and its opening of the groups is told that they are loaded', async () => {
  const broker = new OneOfSeveral()
  assert.equal(await broker.commit(1), NOT_COORDINATOR)
  broker.leads = true
  assert.equal(await broker.commit(1), COORDINATOR_LOAD_IN_PROGRESS)
  const { errorCode } = await broker.coordinator.describeGroup('g', 5)
  assert.equal(errorCode, COORDINATOR_LOAD_IN_PROGRESS)
  assert.equal(await broker.sync('somebody'), REBALANCE_IN_PROGRESS)
  assert.equal((await broker.coordinator.heartbeat(beatOf('g', 'somebody', 1), asker, noConnection)).errorCode, NONE)
  assert.equal(await broker.coordinator.listGroups({ statesFilter: [], typesFilter: [] }), undefined)
  await broker.open(1)
  assert.equal(await broker.commit(1), NONE)
  assert.equal((await broker.coordinator.listGroups({ statesFilter: [], typesFilter: [] }))?.length, 1)
})

test('nobody waits longer than half a second for a hand-over', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  void broker.handOver(() => new Promise(() => undefined))
  await settled()
  const commit = broker.commit(6)
  await broker.clock.advance(500)
  assert.equal(await commit, NOT_COORDINATOR)
})

test('groups that come back have their offsets, members and generation', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  await broker.commit(5)
  const memberId = await broker.join()
  assert.equal(await broker.sync(memberId), NONE)
  await broker.handOver(async () => 'still here')
  await broker.open(2)
  assert.equal(await broker.committed(), 5)
  const beat = await broker.coordinator.heartbeat(beatOf('g', memberId, 1), asker, noConnection)
  assert.equal(beat.errorCode, NONE)
})

test('a hand-over waits until a group has synced', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  const memberId = await broker.join()
  let isAssigned = false
  const handed = broker.handOver(async () => {
    isAssigned = true
    return 'elsewhere'
  }, 1_000)
  await broker.clock.advance(500)
  assert.equal(isAssigned, false)
  assert.equal(await broker.sync(memberId), NONE)
  await broker.clock.advance(50)
  assert.equal(await handed, 'elsewhere')
})

test('a hand-over waits for a rebalance only so long', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  await broker.join()
  const handed = broker.handOver(async () => 'elsewhere', 1_000)
  await broker.clock.advance(1_000)
  assert.equal(await handed, 'elsewhere')
})

test('a hand-over that is not urgent leaves a group alone that is not done in time', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  const memberId = await broker.join()
  const handed = broker.handOver(() => assert.fail('nobody is asked'), 1_000, false)
  await broker.clock.advance(1_000)
  assert.equal(await handed, 'busy')
  assert.equal(await broker.sync(memberId), NONE)
})

test('a hand-over that is not urgent leaves the group alone as soon as something else is', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  await broker.join()
  const hurry = new AbortController()
  const handOver = { assign: () => assert.fail('nobody is asked'), begun, patienceMs: 10_000, isUrgent: false }
  const signals = { signal: new AbortController().signal, hurry: hurry.signal }
  const handed = broker.led.handOver(offsetsTopic, 0, { ...handOver, ...signals })
  await broker.clock.advance(100)
  hurry.abort()
  assert.equal(await handed, 'busy')
})

test('a broker that may have been replaced answers no group, and gives up no member', async () => {
  const broker = new OneOfSeveral()
  await broker.open(1)
  await broker.sync(await broker.join())
  broker.isServing = false
  assert.equal(await broker.commit(1), NOT_COORDINATOR)
  await broker.clock.advance(120_000)
  assert.equal(broker.memberCount, 1)
  broker.isServing = true
  await broker.clock.advance(2_000)
  assert.equal(broker.memberCount, 0)
})
