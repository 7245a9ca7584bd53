import assert from 'node:assert/strict'
import pg from 'pg'
import { eventually } from '../eventually.js'
import { PostgresServer, type Settings } from './server.js'

/** Enough of the log for a copy that is made while the other server works. */
const keepsLog: Settings = { wal_keep_size: '1GB', max_wal_senders: 4 }

/** A server and its synchronous standby, which take turns: what is committed is on both. */
export class PostgresPair {
  #primary: PostgresServer
  #standby: PostgresServer

  private constructor(primary: PostgresServer, standby: PostgresServer) {
    this.#primary = primary
    this.#standby = standby
  }

  /** A sentence: why there is none. */
  static async start(settings: Settings = {}): Promise<PostgresPair | string> {
    const primary = await PostgresServer.start({ ...settings, ...keepsLog })
    if (typeof primary === 'string') return primary
    const standby = await primary.standby()
    await waitForEachCommit(primary)
    return new PostgresPair(primary, standby)
  }

  /** Both, for clients that look for the one that takes writes. */
  get url(): string {
    const [first, second] = [this.#primary.port, this.#standby.port].sort((a, b) => a - b)
    return `postgres://postgres@127.0.0.1:${first},127.0.0.1:${second}/postgres`
  }

  get primaryUrl(): string {
    return this.#primary.url
  }

  /** The primary crashes and comes back, as `PostgresServer.crash` has it. */
  crash(meanwhile?: () => Promise<unknown>): Promise<void> {
    return this.#primary.crash(meanwhile)
  }

  /** The primary crashes for good, the standby takes its place; resolves when that has a synchronous standby, too. */
  async failOver(): Promise<void> {
    const [gone, next] = [this.#primary, this.#standby]
    await gone.stop('immediate')
    await next.promote()
    this.#primary = next
    this.#standby = gone
    await gone.follow(next)
    await waitForEachCommit(next)
  }

  async remove(): Promise<void> {
    await Promise.all([this.#primary.remove(), this.#standby.remove()])
  }
}

/** Commits wait for the standby from now on; not before it is there, or nobody could write meanwhile. */
async function waitForEachCommit(primary: PostgresServer): Promise<void> {
  const client = new pg.Client(primary.url)
  await client.connect()
  const standbyIs = (column: string, value: string) =>
    eventually(async () => {
      const { rows } = await client.query('select state, sync_state from pg_stat_replication')
      assert.equal(rows[0]?.[column], value)
    })
  try {
    await standbyIs('state', 'streaming')
    primary.configure({ synchronous_standby_names: '*' })
    await primary.reload()
    await standbyIs('sync_state', 'sync')
  } finally {
    await client.end()
  }
}
