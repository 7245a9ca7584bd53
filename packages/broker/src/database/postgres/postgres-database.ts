import type { Database } from '../database.js'
import { UnavailableError } from '../database-error.js'
import type { LogTables } from '../log-tables.js'
import type { Members } from '../members.js'
import type { Metadata } from '../metadata.js'
import type { Session } from '../session.js'
import type { Connection } from './connection/connection.js'

import { OutageNotes } from './connection/outage-notes.js'
import { Pool } from './connection/pool.js'
import { SchemaConnector } from './connection/schema-connector.js'
import type { Purpose } from './connection/session-settings.js'
import { HeadsReader } from './heads-reader.js'
import type { PostgresOptions } from './postgres-options.js'
import { PostgresSession } from './postgres-session.js'
import { append, appendOf } from './statements/append.js'
import { assign, bury } from './statements/assign.js'
import { unlessDropped } from './statements/batch-table.js'
import { changesSince } from './statements/changes-since.js'
import { checkpoint } from './statements/checkpoint.js'
import { firstOffsetAt } from './statements/first-offset-at.js'
import { replaceDocument, takeIds } from './statements/ids-and-documents.js'
import { load } from './statements/load.js'
import { retire, setDraining } from './statements/member-changes.js'
import { read } from './statements/read.js'
import { register } from './statements/register.js'
import { renew } from './statements/renew.js'
import { swapSegments, writeSegmentOf } from './statements/segments.js'
import { stored } from './statements/stored.js'
import { sweep } from './statements/sweep.js'
import { configureTopics, createTopics, deleteTopics, growTopics } from './statements/topics.js'

/** Without an answer for so long a call is given up. */
const CALL_MS = 5_000
/** Chunks that are dropped and segments that are removed take longer. */
const CHORE_MS = 30_000

type Statement<Answer> = (connection: Connection) => Promise<Answer>

/** What several brokers share, in one schema of PostgreSQL. Nothing is connected before the first call. */
export class PostgresDatabase implements Database {
  readonly members: Members
  readonly metadata: Metadata
  readonly logs: LogTables
  readonly #connector: SchemaConnector
  readonly #pools: Readonly<Record<Exclude<Purpose, 'session' | 'watch'>, Pool>>
  readonly #heads: HeadsReader
  readonly #sessions = new Set<PostgresSession>()
  #isClosed = false
  /** Where this broker is registered. What it believes may not be so on another one, whose end may be an earlier one. */
  #timeline: string | undefined

  constructor(options: PostgresOptions) {
    const notes = new OutageNotes(options.clock, (text) => options.warn(text))
    this.#connector = new SchemaConnector(options, notes)
    const pool = (purpose: Purpose, size: number, awaitsLeft = false) =>
      new Pool({ size, awaitsLeft, open: () => this.#open(purpose), failed: (error) => notes.failed(error) })
    this.#pools = {
      call: pool('call', 1),
      chore: pool('chore', 1),
      // One for each lane: what one of them has under way no other waits for.
      append: pool('append', (options.connections ?? 4) + 1, true),
      read: pool('read', options.readers ?? 2),
      lease: pool('lease', 1),
    }
    this.#heads = new HeadsReader((statement) => this.#in(this.#pools.read, statement))
    this.members = this.#members()
    this.metadata = this.#metadata()
    this.logs = this.#logs()
  }

  async openSession(): Promise<Session> {
    const session = await PostgresSession.open(await this.#open('session'), () => this.#open('watch'))
    if (this.#isClosed) {
      await session.close()
      throw wasClosed()
    }
    this.#sessions.add(session)
    session.onEnd(() => this.#sessions.delete(session))
    return session
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#sessions].map((session) => session.close()))
    await Promise.all(Object.values(this.#pools).map((pool) => pool.close()))
  }

  #members(): Members {
    const { call, lease } = this.#pools
    return {
      register: (entry) =>
        call.run(async (connection) => {
          const registration = await register(
            connection,
            entry,
            [...this.#sessions].map(({ pid }) => pid),
            CALL_MS,
          )
          if (registration !== 'taken') this.#timeline = registration.timeline
          return registration
        }),
      renew: (me, leaseMs) =>
        lease.run(async (connection) => {
          const renewal = await renew(connection, me, leaseMs, leaseMs / 3)
          if (this.#isElsewhere(connection)) connection.destroy()
          return renewal
        }),
      setDraining: (brokerId, isDraining) => this.#call((it) => setDraining(it, brokerId, isDraining, CALL_MS)),
      retire: (me) => this.#call((it) => retire(it, me, CALL_MS)),
      assign: (me, moves) => this.#call((it) => assign(it, me, moves, CALL_MS)),
      bury: (dead, sawItsEnd, moves) => this.#call((it) => bury(it, dead, sawItsEnd, moves, CALL_MS)),
    }
  }

  #metadata(): Metadata {
    return {
      changesSince: (version) => this.#pools.call.run((it) => changesSince(it, version, CALL_MS)),
      createTopics: (topics) => this.#call((it) => createTopics(it, topics, CALL_MS)),
      growTopics: (growths) => this.#call((it) => growTopics(it, growths, CALL_MS)),
      configureTopics: (changes) => this.#call((it) => configureTopics(it, changes, CALL_MS)),
      deleteTopics: (topicIds) => this.#call((it) => deleteTopics(it, topicIds, CALL_MS)),
      takeIds: (kind, count) => this.#call((it) => takeIds(it, kind, count, CALL_MS)),
      replaceDocument: (name, expected, content) => {
        return this.#call((it) => replaceDocument(it, { name, expected, content }, CALL_MS))
      },
    }
  }

  #logs(): LogTables {
    const { append: appends, chore, read: reads } = this.#pools
    return {
      load: (terms) => this.#in(reads, (it) => load(it, terms, CALL_MS)),
      heads: (segment, fromOffset, take) => this.#heads.each(segment, fromOffset, take),
      append: (flush) => {
        const statement = appendOf(flush)
        return this.#in(appends, (it) => append(it, flush, statement))
      },
      stored: (flush) => this.#in(appends, (it) => stored(it, flush, CALL_MS)),
      checkpoint: (term, what) => this.#in(chore, (it) => checkpoint(it, term, what, CALL_MS)),
      writeSegment: (segment, batches) => {
        const statement = writeSegmentOf(segment, batches)
        return this.#in(chore, async (it) => void (await it.prepared(statement, CHORE_MS)))
      },
      swapSegments: (term, gone, added) => this.#in(chore, (it) => swapSegments(it, term, gone, added, CALL_MS)),
      read: (segment, range) => {
        return unlessDropped(
          segment.chunk,
          this.#in(reads, (it) => read(it, segment, range, CALL_MS)),
          [],
        )
      },
      firstOffsetAt: (segment, timestamp) => {
        const asked = this.#in(reads, (it) => firstOffsetAt(it, segment, timestamp, CALL_MS))
        return unlessDropped(segment.chunk, asked, undefined)
      },
      // Each of its statements waits for its turn: there is more to do than to tidy up.
      sweep: () => sweep((texts) => this.#in(chore, (it) => it.run(texts, CHORE_MS))),
    }
  }

  #call<Answer>(statement: Statement<Answer>): Promise<Answer> {
    return this.#in(this.#pools.call, statement)
  }

  /** Whoever decides by what was so on another timeline changes nothing. */
  #in<Answer>(pool: Pool, statement: Statement<Answer>): Promise<Answer> {
    return pool.run(async (connection) => {
      if (!this.#isElsewhere(connection)) return statement(connection)
      connection.destroy()
      throw new UnavailableError('The database was failed over: this broker has to register there first.')
    })
  }

  /** On another timeline than that of the registration: the server's, or the connection's, to one that was replaced and lives on. */
  #isElsewhere({ facts: { timeline } }: Connection): boolean {
    return this.#timeline !== undefined && this.#timeline !== timeline
  }

  #open(purpose: Purpose): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(wasClosed())
    return this.#connector.open(purpose)
  }
}

function wasClosed(): UnavailableError {
  return new UnavailableError('The connection to the database was closed.')
}
