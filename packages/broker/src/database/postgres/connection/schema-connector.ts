import { UnavailableError, UnusableDatabaseError } from '../../database-error.js'
import { LOCK_SPACE } from '../names.js'
import type { PostgresOptions } from '../postgres-options.js'
import { migrate } from '../schema/migrate.js'
import type { Connection } from './connection.js'
import { Connector } from './connector.js'
import type { OutageNotes } from './outage-notes.js'
import { sqlState } from './outcome.js'
import type { Purpose } from './session-settings.js'

/**
 * Opens connections to the schema of one cluster. With the first one it is made, or brought to the version of this release; later ones
 * must find the same cluster there.
 */
export class SchemaConnector {
  readonly #options: PostgresOptions
  readonly #connector: Connector
  readonly #notes: OutageNotes
  #prepared: Promise<string> | undefined

  constructor(options: PostgresOptions, notes: OutageNotes) {
    this.#options = options
    this.#notes = notes
    this.#connector = new Connector(options)
  }

  /**
   * @throws UnavailableError
   * @throws UnusableDatabaseError before the first one
   */
  async open(purpose: Purpose): Promise<Connection> {
    this.#prepared ??= this.#prepare().catch((error) => {
      this.#prepared = undefined
      throw error
    })
    try {
      const clusterId = await this.#prepared
      const connection = await this.#connector.open(purpose)
      await this.#mustBeOf(clusterId, connection)
      this.#notes.worked()
      return connection
    } catch (error) {
      if (!(error instanceof UnusableDatabaseError)) throw error
      if (this.#prepared === undefined) throw error
      // It was usable once: whoever changed that may change it back, and this broker has clients.
      throw new UnavailableError(error.message, { cause: error })
    }
  }

  async #prepare(): Promise<string> {
    const connection = await this.#connector.open('call')
    try {
      const { target, newClusterId } = this.#options
      const id = await migrate(connection, { schema: target.schema, newClusterId })
      await this.#refusePoolers(connection)
      await this.#warnOfSettings(connection)
      return id
    } finally {
      await connection.close()
    }
  }

  /** Locks and settings of a session are lost where a pooler gives each transaction another one: two clients would then hold one lock. */
  async #refusePoolers(first: Connection): Promise<void> {
    const key = `(${LOCK_SPACE}, ${-first.facts.pid})`
    const second = await this.#connector.open('call')
    try {
      await first.run([`select pg_advisory_lock${key}::text`])
      const [row] = await second.run([`select pg_try_advisory_lock${key} as "isShared"`])
      if (row?.isShared)
        throw new UnusableDatabaseError(
          'The database is behind a connection pooler that shares sessions (transaction or statement pooling): Rivven needs sessions of its own. Connect to PostgreSQL itself, or use session pooling.',
        )
    } finally {
      await second.close()
    }
  }

  async #warnOfSettings(connection: Connection): Promise<void> {
    for (const [name, loss] of promises) {
      const [row] = await connection.run([`select current_setting('${name}') as it`])
      if (row?.it === 'off')
        this.#options.warn(`${name} is off in PostgreSQL: what is acknowledged can be lost when ${loss}.`)
    }
  }

  async #mustBeOf(clusterId: string, connection: Connection): Promise<void> {
    const { schema } = this.#options.target
    try {
      const [row] = await connection.run(['select cluster_id as it from cluster'])
      if (row?.it === clusterId) return
      throw new UnavailableError(`The schema ${schema} holds another cluster (${row?.it}). ${RESTART}`, { cause: row })
    } catch (error) {
      connection.destroy()
      if (sqlState(error) !== '42P01') throw error
      throw new UnavailableError(`The schema ${schema} is gone from the database. ${RESTART}`, { cause: error })
    }
  }
}

const RESTART = 'Where that is meant, restart the brokers.'

/** What a server must not be without. */
const promises = [
  ['fsync', 'its machine crashes'],
  ['full_page_writes', 'its machine crashes'],
] as const
