import { type Database, type MemoryConnection, MemoryServer } from '@rivven/broker'
import { DatabaseWire, databaseHost } from './database-wire.js'
import type { Life } from './life.js'
import type { World } from './world.js'

/** The database that brokers share, as a machine: what is stored outlives whatever happens to it. */
export class SimDatabase {
  readonly #world: World
  readonly #server: MemoryServer
  readonly #lines = new Map<DatabaseWire, MemoryConnection>()
  #isUp = true

  constructor(world: World) {
    this.#world = world
    this.#server = new MemoryServer({ clock: world.begin(databaseHost).runtime.clock, clusterId: 'simulated' })
    world.network.onCut.push(() => this.#lineChanged())
  }

  /** As one life of a broker reaches it. */
  connect(life: Life): Database {
    const wire = new DatabaseWire({ life, network: this.#world.network, isUp: () => this.#isUp })
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

  /** The connections of all brokers break; what is under way may still be done. */
  reset(): void {
    for (const [wire, connection] of this.#lines) wire.reset(connection, false)
  }

  #lineChanged(): void {
    for (const [wire, connection] of this.#lines) wire.lineChanged(connection)
  }
}
