import { randomBytes } from 'node:crypto'
import { after, afterEach } from 'node:test'
import { nodeRuntime } from '@rivven/runtime'
import pg from 'pg'
import { PostgresDatabase } from '../../src/database/postgres/postgres-database.js'
import type { PostgresOptions, PostgresTarget } from '../../src/database/postgres/postgres-options.js'

/** PostgreSQL for tests; undefined: there is none, and tests on it are skipped. */
const url = process.env.RIVVEN_TEST_DATABASE

export const hasPostgres = url !== undefined && url !== ''

/** A schema that nobody else has, and a clock of its own in it that only `pass` moves. */
export class PostgresUnderTest {
  readonly schema = `test_${randomBytes(6).toString('hex')}`
  readonly #databases: PostgresDatabase[] = []
  readonly #client: pg.Client
  readonly warnings: string[] = []

  private constructor(client: pg.Client) {
    this.#client = client
  }

  /** Gone after the test that has asked for it. */
  static async start(): Promise<PostgresUnderTest> {
    const client = new pg.Client(url)
    await client.connect()
    const database = new PostgresUnderTest(client)
    started.add(database)
    await database.ask(`create schema ${database.schema}`)
    await database.ask(`create table ${database.schema}.test_clock (at) as values (timestamptz '2026-01-01')`)
    await database.replace('clock_timestamp() returns timestamptz', `select at from ${database.schema}.test_clock`)
    return database
  }

  get target(): PostgresTarget {
    const { hostname, port, username, password, pathname } = new URL(url!)
    return {
      hosts: [{ host: hostname, port: Number(port || 5432) }],
      database: pathname.slice(1),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password) || undefined,
      schema: this.schema,
      tls: undefined,
    }
  }

  /** For `--storage`. */
  get url(): string {
    const own = new URL(url!)
    own.searchParams.set('schema', this.schema)
    return own.href
  }

  /** As one more process reaches it. */
  async connect(options: Partial<PostgresOptions> = {}): Promise<PostgresDatabase> {
    const { target } = this
    const newClusterId = () => 'AAAAAAAAAAAAAAAAAAAAAA'
    const warn = (text: string) => this.warnings.push(text)
    const { clock } = nodeRuntime()
    const name = this.schema
    const database = new PostgresDatabase({
      target,
      clock,
      newClusterId,
      warn,
      connections: 1,
      readers: 1,
      name,
      ...options,
    })
    this.#databases.push(database)
    return database
  }

  async pass(ms: number): Promise<void> {
    await this.ask(`update ${this.schema}.test_clock set at = at + ${ms} * interval '1 ms'`)
  }

  async untilWatched(brokerId: number): Promise<void> {
    const waits = `select 1 from pg_locks l where l.locktype = 'advisory' and not l.granted and l.objid::bigint = ${brokerId}
      and l.classid = '${this.schema}.cluster'::regclass::oid`
    while ((await this.ask(waits)).length === 0) await new Promise((resolve) => setImmediate(resolve))
  }

  /** All connections end, and later ones see another timeline. */
  async failOver(): Promise<void> {
    await this.switchTimeline()
    await this.cut('')
  }

  /** Connections that are opened from now on see another timeline. */
  switchTimeline(): Promise<void> {
    return this.replace('pg_walfile_name(pg_lsn) returns text', "select '0000000200000000'")
  }

  /** Ends the connections for one purpose, or for all; answers how many there were. */
  async cut(purpose: string): Promise<number> {
    const which = `application_name like '${this.schema}-${purpose}%'`
    const ended = await this.ask(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${which}`)
    return ended.length
  }

  async ask(text: string): Promise<Record<string, unknown>[]> {
    return (await this.#client.query(text)).rows
  }

  async remove(): Promise<void> {
    started.delete(this)
    await Promise.all(this.#databases.map((database) => database.close()))
    await this.#client.query(`drop schema ${this.schema} cascade`)
    await this.#client.end()
  }

  /** Each batch that is stored takes some time more, so that what can come in between does. */
  slowDown(chunk: number): Promise<void> {
    return this.#onInsert(chunk, 'perform pg_sleep(0.001)')
  }

  /** The server warns whoever stores a batch. */
  warnOf(chunk: number, text: string): Promise<void> {
    return this.#onInsert(chunk, `raise warning '${text}'`)
  }

  /** Functions of the schema come before those of PostgreSQL. */
  async replace(head: string, body: string): Promise<void> {
    await this.ask(`create or replace function ${this.schema}.${head} language sql as $$${body}$$`)
  }

  /** Its disk is full: nothing can be stored there. */
  fill(chunk: number): Promise<void> {
    const full = 'could not extend file: No space left on device'
    return this.#onInsert(chunk, `raise exception '${full}' using errcode = 'disk_full'`)
  }

  async makeRoom(chunk: number): Promise<void> {
    await this.ask(`drop trigger on_insert on ${this.schema}.batch_${chunk}`)
  }

  async #onInsert(chunk: number, what: string): Promise<void> {
    const { schema } = this
    await this.ask(`create function ${schema}.on_insert() returns trigger language plpgsql as
      $$begin ${what}; return new; end$$`)
    await this.ask(`create trigger on_insert before insert on ${schema}.batch_${chunk}
      for each row execute function ${schema}.on_insert()`)
  }
}

const started = new Set<PostgresUnderTest>()
const removeAll = () => Promise.all([...started].map((database) => database.remove()))
afterEach(removeAll)
after(removeAll)
