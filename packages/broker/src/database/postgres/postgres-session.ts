import { UnavailableError } from '../database-error.js'
import type { Session } from '../session.js'
import type { Connection } from './connection/connection.js'
import { CHANNEL, LOCK_SPACE } from './names.js'
import { NeighbourWatch } from './neighbour-watch.js'

/** A session of PostgreSQL with its lock and its notices, and one more that waits for the lock of somebody else. */
export class PostgresSession implements Session {
  readonly #connection: Connection
  readonly #watch: NeighbourWatch
  #held: Promise<unknown> = Promise.resolve()

  private constructor(connection: Connection, watch: NeighbourWatch) {
    this.#connection = connection
    this.#watch = watch
    // Each is a sign of the other's end.
    connection.onEnd(() => watch.end())
  }

  static async open(connection: Connection, openWatch: () => Promise<Connection>): Promise<PostgresSession> {
    await connection.run([`do $do$ begin execute format('listen %I', ${CHANNEL}); end $do$`])
    // Whoever has the session begins anew, with both.
    const watch = new NeighbourWatch(openWatch, () => connection.destroy())
    return new PostgresSession(connection, watch)
  }

  /** The process that serves it. */
  get pid(): number {
    return this.#connection.facts.pid
  }

  hold(brokerId: number): Promise<void> {
    const lock = `pg_advisory_lock(${LOCK_SPACE}, ${brokerId})`
    const mine = `select 1 from pg_locks l where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.objid::bigint = ${brokerId}`
    // Locks are counted: once is enough.
    const held = this.#held.then(() =>
      this.#connection.run([`select case when not exists (${mine}) then ${lock} end::text`]),
    )
    this.#held = held.catch(() => undefined)
    return held.then(
      () => undefined,
      (error) => {
        throw new UnavailableError('The session has ended.', { cause: error })
      },
    )
  }

  watch(brokerId: number | undefined): Promise<'ended' | 'free' | 'stopped'> {
    return this.#connection.hasEnded ? Promise.resolve('stopped') : this.#watch.begin(brokerId)
  }

  onNotice(listener: (version: number) => void): void {
    this.#connection.onNotification((payload) => {
      const version = Number(payload)
      if (Number.isSafeInteger(version)) listener(version)
    })
  }

  onEnd(listener: () => void): void {
    this.#connection.onEnd(listener)
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }
}
