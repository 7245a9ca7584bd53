import { Slots } from '../../../slots.js'
import { UnavailableError } from '../../database-error.js'
import type { Connection } from './connection.js'

export interface PoolOptions {
  readonly size: number
  /** What a broken connection was asked for must have ended there before another one takes its place. Default false. */
  readonly awaitsLeft?: boolean
  open(): Promise<Connection>
  /** The server cannot do, now, what it was asked for, or is not there. */
  failed(error: UnavailableError): void
}

/** So many connections for one purpose, opened when they are needed. Each does one thing at a time. */
export class Pool {
  readonly #options: PoolOptions
  readonly #slots: Slots
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  /** Ended with a statement under way: it may still be running. */
  readonly #left: Connection[] = []
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#slots = new Slots(options.size)
  }

  run<Answer>(work: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    return this.#slots.run(async () => {
      try {
        return await this.#runOn(await this.#take(), work)
      } catch (error) {
        if (error instanceof UnavailableError && error.cause !== undefined) this.#options.failed(error)
        throw error
      }
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#all].map((connection) => connection.close()))
  }

  async #runOn<Answer>(connection: Connection, work: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    try {
      return await work(connection)
    } finally {
      this.#giveBack(connection)
    }
  }

  async #take(): Promise<Connection> {
    for (;;) {
      if (this.#isClosed) throw new UnavailableError('The connection to the database was closed.')
      const connection = this.#idle.pop()
      if (connection && !connection.hasEnded) return connection
      if (!connection) break
    }
    const opened = await this.#options.open()
    if (this.#isClosed) {
      await opened.close()
      throw new UnavailableError('The connection to the database was closed.')
    }
    this.#all.add(opened)
    opened.onEnd(() => this.#all.delete(opened))
    await this.#untilDone(opened)
    return opened
  }

  /**
   * A statement whose connection broke may still be running: where it waits for a standby, the same made again would only make one more
   * wait. Rejects while it is.
   */
  async #untilDone(opened: Connection): Promise<void> {
    const left = this.#left[0]
    if (!left) return
    const { pid, since } = left.facts
    try {
      const rows = await opened.run([
        `select 1 from pg_stat_activity where pid = ${pid} and backend_start = '${since}' and state = 'active'`,
      ])
      if (rows.length > 0) throw new UnavailableError('What was sent to the database before is still under way there.')
      this.#left.shift()
    } catch (error) {
      this.#giveBack(opened)
      throw error
    }
  }

  #giveBack(connection: Connection): void {
    if (connection.hasEnded) {
      if (this.#options.awaitsLeft) this.#left.push(connection)
    } else if (connection.isWorn) void connection.close()
    else this.#idle.push(connection)
  }
}
