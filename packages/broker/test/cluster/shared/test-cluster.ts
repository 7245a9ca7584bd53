import assert from 'node:assert/strict'
import { nodeRuntime } from '@rivven/runtime'
import { pino } from 'pino'
import { usualTimes } from '../../../src/cluster/shared/cluster-times.js'
import { SharedCluster, type SharedClusterOptions } from '../../../src/cluster/shared/shared-cluster.js'
import { brokerConfig } from '../../../src/config/broker-config.js'
import type { Database } from '../../../src/database/database.js'
import { MemoryServer } from '../../../src/database/memory/memory-server.js'
import { settled, TestClock } from '../../coordinator/test-clock.js'
import { type OpenedTerms, TestLed } from './test-led.js'
import { networkOf, TestLife } from './test-life.js'

export interface TestBroker {
  readonly cluster: SharedCluster
  readonly led: TestLed
  readonly life: TestLife
  /** Its port, which is different for each process. */
  readonly port: number
  readonly wantedId: number | undefined
  readonly database: Database
}

/** Several brokers on one database, all on one clock that moves by hand. */
export class TestCluster {
  readonly clock = new TestClock()
  readonly server = new MemoryServer({ clock: this.clock, clusterId: 'a-cluster' })
  readonly all: TestBroker[] = []
  /** Processes that were asked to leave. */
  readonly leaving = new Set<TestBroker>()
  readonly #lives = new Map<number, TestLife>()
  readonly #opened: OpenedTerms = new Map()

  /** Starts brokers 1 to `count`, one after the other. */
  static async of(count: number, options: Partial<SharedClusterOptions> = {}): Promise<TestCluster> {
    const test = new TestCluster()
    for (let id = 1; id <= count; id++) await test.join(id, options)
    return test
  }

  /** The same, with a topic whose partitions they serve. */
  static async serving(topic: string, partitions: number, brokers = 3): Promise<TestCluster> {
    const test = await TestCluster.of(brokers)
    await test.passing(test.broker(1).cluster.catalog.createTopic(topic, partitions))
    await test.passUntil(() => test.isServed(topic))
    // Neighbours watch each other.
    await test.pass(1_000)
    return test
  }

  /** Starts a process; resolves when it serves. */
  async join(nodeId: number | undefined, options: Partial<SharedClusterOptions> = {}): Promise<TestBroker> {
    const broker = await this.open(nodeId, options)
    const started = this.startOf(broker)
    await this.passUntil(() => started.isDone)
    await started.done
    return broker
  }

  async open(nodeId: number | undefined, options: Partial<SharedClusterOptions> = {}): Promise<TestBroker> {
    const port = 9_000 + this.#lives.size
    const life = new TestLife(this.clock, port)
    this.#lives.set(port, life)
    const database = this.server.connect(life)
    const opening = SharedCluster.open({
      database,
      runtime: { ...nodeRuntime(), clock: life, network: networkOf(this.#lives) },
      config: brokerConfig(),
      log: pino({ enabled: false }),
      nodeId,
      rack: null,
      times: usualTimes,
      balances: true,
      movesAtOnce: 4,
      ...options,
    })
    const cluster = await this.passing(opening)
    const broker = { cluster, led: new TestLed(this.#opened, life), life, port, wantedId: nodeId, database }
    this.all.push(broker)
    return broker
  }

  startOf({ cluster, led, port }: TestBroker): { isDone: boolean; readonly done: Promise<void> } {
    const addresses = new Map([['PLAINTEXT', { host: 'here', port }]])
    return noted(cluster.start({ led, listen: async () => addresses }))
  }

  /** The last process of a broker. */
  broker(id: number): TestBroker {
    const broker = this.all.findLast(({ cluster }) => cluster.brokerId === id)
    assert.ok(broker, `there is no broker ${id}`)
    return broker
  }

  /** The last process of each broker. */
  get last(): readonly TestBroker[] {
    return this.all.reduce<TestBroker[]>((last, broker) => {
      last[(broker.wantedId ?? last.length + 1) - 1] = broker
      return last
    }, [])
  }

  /** By its place in `last`. */
  killProcess(at: number): void {
    const process = this.last[at]
    process?.life.die()
    process?.database.close()
  }

  /** One that is dead; resolves before it serves. */
  async restartProcess(at: number): Promise<void> {
    const process = this.last[at]
    if (!process?.life.isDead) return
    const again = await this.open(process.wantedId)
    this.startOf(again).done.catch((error: Error) => assert.equal(error.name, 'JoinError'))
  }

  /** kill -9: its connections end at once. */
  kill(id: number): void {
    const { life, database } = this.broker(id)
    life.die()
    database.close()
  }

  endSessionsOf(brokerId: number): void {
    const holder = this.server.locks.holder(brokerId)
    for (const session of [...this.server.sessions]) if (session === holder) session.break()
  }

  /** Time passes, in small steps; at each of them at most one broker answers for a partition. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.advance(Math.min(STEP_MS, left))
      this.check()
    }
  }

  async passUntil(condition: () => boolean, mostMs = 120_000): Promise<void> {
    const end = this.clock.monotonic() + mostMs
    await settled()
    while (!condition()) {
      assert.ok(this.clock.monotonic() < end, `it is not so after ${mostMs} ms`)
      await this.pass(STEP_MS)
    }
  }

  /** Resolves to what `done` does, while time passes. */
  async passing<T>(done: Promise<T>): Promise<T> {
    const note = noted(done)
    await this.passUntil(() => note.isDone)
    return done
  }

  check(): void {
    const serving = new Map<string, number>()
    for (const { cluster, led, life } of this.all) {
      if (life.isDead || !cluster.isServing) continue
      for (const key of led.partitions.keys()) {
        assert.ok(!serving.has(key), `${key} is served by brokers ${serving.get(key)} and ${cluster.brokerId}`)
        serving.set(key, cluster.brokerId)
      }
    }
  }

  /** Who serves each partition of a topic: a broker's id, or null. */
  leaders(topic: string): (number | null)[] {
    const [one] = this.all.filter(({ life, cluster }) => !life.isDead && cluster.isServing)
    const count = one?.cluster.image.topics.get(topic)?.partitions.length ?? 0
    return Array.from({ length: count }, (_, index) => {
      const serving = this.all.filter(({ cluster, led, life }) => {
        return !life.isDead && cluster.isServing && led.partitions.has(`${topic}-${index}`)
      })
      return serving[0]?.cluster.brokerId ?? null
    })
  }

  isServed(topic: string): boolean {
    const leaders = this.leaders(topic)
    return leaders.length > 0 && !leaders.includes(null)
  }

  /** How many partitions of a topic each broker serves, the fullest first. */
  spread(topic: string): number[] {
    const leaders = this.leaders(topic)
    const ids = new Set(leaders)
    return Array.from(ids, (id) => leaders.filter((leader) => leader === id).length).sort((a, b) => b - a)
  }

  get epochs(): ReadonlyMap<string, number> {
    return new Map(this.all.flatMap(({ led, life }) => (life.isDead ? [] : [...led.partitions])))
  }
}

const STEP_MS = 50

function noted<T>(done: Promise<T>): { isDone: boolean; readonly done: Promise<T> } {
  const note = { isDone: false, done }
  const end = () => {
    note.isDone = true
  }
  done.then(end, end)
  return note
}
