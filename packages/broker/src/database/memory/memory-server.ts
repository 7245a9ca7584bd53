import type { Clock } from '@rivven/runtime'
import { MemoryConnection } from './memory-connection.js'
import type { MemorySession } from './memory-session.js'
import { SessionLocks } from './session-locks.js'
import { Tables } from './tables.js'
import { nothingBetween, type Wire } from './wire.js'

export interface MemoryServerOptions {
  /** Of the database: leases are measured with it. */
  readonly clock: Clock
  readonly clusterId: string
}

/**
 * The model of what brokers share, in memory: tables, the statements that change them, locks and notices. It is deterministic, and
 * does each call at the moment it arrives.
 */
export class MemoryServer {
  readonly locks = new SessionLocks()
  readonly sessions = new Set<MemorySession>()
  readonly #clock: Clock
  #tables: Tables

  constructor({ clock, clusterId }: MemoryServerOptions) {
    this.#clock = clock
    this.#tables = Tables.begin(clusterId, clock.now())
  }

  get tables(): Tables {
    return this.#tables
  }

  get now(): number {
    return this.#clock.now()
  }

  get timeline(): string {
    return this.#tables.timeline.toString(16).padStart(8, '0')
  }

  /** The database as one broker reaches it; each life of a broker has its own. */
  connect(wire: Wire = nothingBetween): MemoryConnection {
    return new MemoryConnection(this, wire)
  }

  /** What is stored, for a fail-over that loses what comes after. */
  snapshot(): Tables {
    return this.#tables.copy()
  }

  /** All sessions end, as with a restart; with `to`, which was taken earlier, what came since is lost. Another timeline begins. */
  failOver(to?: Tables): void {
    const timeline = this.#tables.timeline + 1
    if (to !== undefined) this.#tables = to.copy()
    this.#tables.timeline = timeline
    this.restart()
  }

  restart(): void {
    for (const session of [...this.sessions]) session.break()
  }

  /** Taken by a statement that changes metadata: everybody is told. */
  nextVersion(): number {
    const version = ++this.#tables.version
    for (const session of this.sessions) session.notify(version)
    return version
  }

  /** A segment that nobody sees any more; its data go later. */
  bury(segmentId: number): void {
    const segment = this.#tables.segments.get(segmentId)
    if (segment === undefined) return
    this.#tables.segments.delete(segmentId)
    this.#tables.deadSegments.set(segmentId, { chunk: segment.chunk, since: this.now })
  }
}
