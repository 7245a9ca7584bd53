import { type Database, type MemoryConnection, MemoryServer } from '@rivven/broker'
import type { BrokerLife, Leadership } from '../history/history.js'
import { DatabaseWire, databaseHost } from './database-wire.js'
import type { Life } from './life.js'
import type { World } from './world.js'

/** Who wants to know what the database has of brokers and of leaders, whenever that changes. */
export interface DatabaseWatcher {
  leader(led: Leadership): void
  life(life: BrokerLife): void
}

const nobody: DatabaseWatcher = { leader: () => undefined, life: () => undefined }

/** The database that brokers share, as a machine: what is stored outlives whatever happens to it. */
export class SimDatabase {
  readonly #world: World
  readonly #server: MemoryServer
  readonly #lines = new Map<DatabaseWire, MemoryConnection>()
  /** By partition id: what was told of it last. */
  readonly #told = new Map<number, object>()
  /** By broker id. */
  readonly #lives = new Map<number, BrokerLife>()
  readonly #watcher: DatabaseWatcher
  #version = 0
  #isUp = true

  constructor(world: World, watcher = nobody) {
    this.#watcher = watcher
    this.#world = world
    this.#server = new MemoryServer({ clock: world.begin(databaseHost).runtime.clock, clusterId: 'simulated' })
    world.network.onCut.push(() => this.#lineChanged())
  }

  /** As one life of a broker reaches it. */
  connect(life: Life): Database {
    const wire = new DatabaseWire({
      life,
      network: this.#world.network,
      isUp: () => this.#isUp,
      done: () => this.#look(),
    })
    const connection = this.#server.connect(wire)
    this.#lines.set(wire, connection)
    wire.lineChanged(connection)
    life.onDeath(() => {
      this.#lines.delete(wire)
      wire.died(connection)
    })
    return connection
  }

  /** It ends, with all sessions; calls are refused until it is up again. */
  stop(): void {
    this.#isUp = false
    for (const [wire, connection] of this.#lines) wire.reset(connection, true)
    // What is left are sessions that nobody heard of.
    this.#server.restart()
  }

  start(): void {
    this.#isUp = true
  }

  /** Another server takes its place, with all that was stored. */
  failOver(): void {
    this.stop()
    this.#server.failOver()
    this.start()
  }

  /** The connections of all brokers break, or of those on one host; what is under way may still be done. */
  reset(host?: string): void {
    for (const [wire, connection] of this.#lines)
      if (host === undefined || wire.host === host) wire.reset(connection, false)
  }

  #look(): void {
    const { version, partitions, topics, brokers } = this.#server.tables
    if (version === this.#version) return
    this.#version = version
    for (const row of brokers.values()) this.#lookAt(row)
    for (const row of partitions.values()) {
      if (this.#told.get(row.partId) === row) continue
      this.#told.set(row.partId, row)
      const { topicId, index: partition, leader, epoch } = row
      const topic = topics.get(topicId)?.name ?? topicId
      this.#watcher.leader({ topic, topicId, partition, leader, epoch })
    }
  }

  #lookAt({ brokerId, incarnation, isGone }: BrokerLife): void {
    const before = this.#lives.get(brokerId)
    if (before?.incarnation === incarnation && before.isGone === isGone) return
    const life = { brokerId, incarnation, isGone }
    this.#lives.set(brokerId, life)
    this.#watcher.life(life)
  }

  #lineChanged(): void {
    for (const [wire, connection] of this.#lines) wire.lineChanged(connection)
  }
}
