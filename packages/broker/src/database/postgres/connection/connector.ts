import pg from 'pg'
import { UnavailableError, UnusableDatabaseError } from '../../database-error.js'
import type { PostgresHost, PostgresOptions, PostgresTarget } from '../postgres-options.js'
import { Connection, type Row, streamOf } from './connection.js'
import { messageOf, outcomeOf } from './outcome.js'
import { unusableSentence } from './sentences.js'
import { type Purpose, settingsFor } from './session-settings.js'
import { tlsOf } from './tls.js'
import { types } from './types.js'

const ignored = () => undefined

/** For one server, until it can be used. */
const CONNECT_MS = 5_000
const OLDEST = 140_000

/** Which moment of which database a server is at. An ordinary role may ask. */
const TIMELINE =
  "(select system_identifier from pg_control_system()) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"

/** The server of this database that takes writes: opens connections to it. */
export class Connector {
  readonly #options: PostgresOptions

  constructor(options: PostgresOptions) {
    this.#options = options
  }

  /**
   * @throws UnavailableError where no server takes writes now
   * @throws UnusableDatabaseError where that does not change by itself
   */
  async open(purpose: Purpose): Promise<Connection> {
    const attempts = this.#options.target.hosts.map((host) => this.#openAt(host, purpose))
    try {
      // One that is gone without a word would hold up the others.
      const opened = await Promise.any(attempts)
      for (const attempt of attempts) void closeUnless(opened, attempt)
      return opened
    } catch (error) {
      const { errors: faults } = error as { errors: Error[] }
      // What waiting does not help with counts where that is so of all of them.
      if (faults.every((fault) => fault instanceof UnusableDatabaseError)) throw faults[0]
      throw new UnavailableError(faults.map(messageOf).join(' '), { cause: faults[0] })
    }
  }

  async #openAt(host: PostgresHost, purpose: Purpose): Promise<Connection> {
    const { target, clock } = this.#options
    const client = new pg.Client(clientConfigOf(target, host))
    // Whoever waits is told by the calls.
    client.on('error', ignored)
    const timer = clock.setTimer(CONNECT_MS, () => streamOf(client).destroy())
    try {
      await client.connect()
      const { schema } = target
      const texts = settingsFor(purpose, schema, this.#options.name ?? 'rivven')
      const answers = await client.query([...texts, FACTS].join(';\n'))
      const [row] = ([answers].flat() as { rows: Row[] }[]).at(-1)!.rows
      mustFit(row!, host)
      const { rows } = await client.query(MORE_FACTS)
      const { pid, since, timeline } = rows[0] as { pid: number; since: string; timeline: string }
      return new Connection(client, { pid, since, timeline }, clock)
    } catch (error) {
      streamOf(client).destroy()
      if (error instanceof UnavailableError || error instanceof UnusableDatabaseError) throw error
      const sentence = unusableSentence(error, target, host)
      if (sentence) throw new UnusableDatabaseError(sentence, { cause: error })
      const outcome = outcomeOf(error, false)
      throw new UnavailableError(`${placeOf(host)}: ${outcome.message}.`, { cause: error })
    } finally {
      timer.cancel()
    }
  }
}

const FACTS = `select current_setting('server_version_num')::int as version, current_setting('server_version') as called,
  pg_is_in_recovery() as standby, current_setting('transaction_read_only') = 'on' as readonly`

const MORE_FACTS = `select pid, backend_start::text as since, ${TIMELINE} as timeline
  from pg_stat_activity where pid = pg_backend_pid()`

function mustFit({ version, called, standby, readonly }: Row, host: PostgresHost): void {
  if ((version as number) < OLDEST)
    throw new UnusableDatabaseError(
      `${placeOf(host)} is PostgreSQL ${called}: Rivven needs 14 or later. Upgrade it, or give another one with --storage.`,
    )
  if (standby || readonly) throw new UnavailableError(`${placeOf(host)} is a standby: it takes no writes.`)
}

function clientConfigOf({ user, password, database, tls }: PostgresTarget, { host, port }: PostgresHost) {
  return {
    ...{ host, port, user, password, database, types, keepAlive: true, connectionTimeoutMillis: CONNECT_MS },
    ssl: tls === undefined ? false : tlsOf(tls, host),
    // Its name is set with all else that is; nothing else travels before the login, so that a proxy has nothing to refuse.
    application_name: 'rivven',
  }
}

async function closeUnless(chosen: Connection, attempt: Promise<Connection>): Promise<void> {
  const opened = await attempt.catch(() => undefined)
  if (opened !== chosen) await opened?.close()
}

export function placeOf({ host, port }: PostgresHost): string {
  return `${host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}`}:${port}`
}
