import type { Database } from '../database.js'
import { UnavailableError } from '../database-error.js'
import type { Flush, LogTables, NewBatch } from '../log-tables.js'
import type { Members } from '../members.js'
import type { Metadata } from '../metadata.js'
import type { Session } from '../session.js'
import { type LogCalls, LogStatements } from './log-statements.js'
import { MemberStatements } from './member-statements.js'
import type { MemoryServer } from './memory-server.js'
import { MemorySession } from './memory-session.js'
import { MetadataStatements } from './metadata-statements.js'
import type { Statements } from './statements.js'
import type { Wire } from './wire.js'

/** The database as one broker reaches it. */
export class MemoryConnection implements Database {
  readonly members: Members
  readonly metadata: Metadata
  readonly logs: LogTables
  readonly #server: MemoryServer
  readonly #wire: Wire
  readonly #sessions = new Set<MemorySession>()
  #isClosed = false
  /** Where its broker is registered. */
  #timeline: string | undefined

  constructor(server: MemoryServer, wire: Wire) {
    this.#server = server
    this.#wire = { carry: (call, arrive) => this.#carry(wire, call, arrive), tell: (arrive) => wire.tell(arrive) }
    const members = new MemberStatements(server, (brokerId) => this.#isHeldByOthers(brokerId))
    this.members = callsOf<Members>(this.#wire, members, memberCalls)
    this.metadata = callsOf<Metadata>(this.#wire, new MetadataStatements(server), metadataCalls)
    this.logs = logTablesOf(callsOf<LogCalls>(this.#wire, new LogStatements(server), logCalls))
  }

  /** All that are open, for a wire that cuts them at one end. */
  get sessions(): readonly MemorySession[] {
    return [...this.#sessions]
  }

  async openSession(): Promise<Session> {
    const session = await this.#wire.carry('openSession', () => new MemorySession(this.#server, this.#wire))
    this.#sessions.add(session)
    session.onEnd(() => this.#sessions.delete(session))
    return session
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const session of this.sessions) session.break()
  }

  async #carry<Answer>(wire: Wire, call: string, arrive: () => Answer): Promise<Answer> {
    if (this.#isClosed) throw new UnavailableError('The connection to the database was closed.')
    return wire.carry(call, () => {
      this.#mustKnow(call)
      const answer = arrive()
      if (call === 'register' && answer !== 'taken') this.#timeline = this.#server.timeline
      return answer
    })
  }

  #mustKnow(call: string): void {
    if (this.#timeline === undefined || this.#timeline === this.#server.timeline || anywhere.has(call)) return
    throw new UnavailableError('The database was failed over: this broker has to register there first.')
  }

  #isHeldByOthers(brokerId: number): boolean {
    const holder = this.#server.locks.holder(brokerId)
    return holder !== undefined && !this.#sessions.has(holder as MemorySession)
  }
}

/** Calls that decide nothing by what was so on another timeline. */
const anywhere: ReadonlySet<string> = new Set(['register', 'renew', 'changesSince', 'openSession', 'hold', 'watch'])

/** By name: a call that is missing here does not compile. */
type Names<Calls> = Readonly<Record<keyof Calls, true>>

const memberCalls: Names<Members> = {
  register: true,
  renew: true,
  setDraining: true,
  retire: true,
  assign: true,
  bury: true,
}
const metadataCalls: Names<Metadata> = {
  changesSince: true,
  createTopics: true,
  growTopics: true,
  configureTopics: true,
  deleteTopics: true,
  takeIds: true,
  replaceDocument: true,
}
const logCalls: Names<LogCalls> = {
  load: true,
  heads: true,
  append: true,
  stored: true,
  checkpoint: true,
  writeSegment: true,
  swapSegments: true,
  read: true,
  firstOffsetAt: true,
  sweep: true,
}

/** Statements that are a way off. */
function callsOf<Calls>(wire: Wire, statements: Statements<Calls>, names: Names<Calls>): Calls {
  const calls = Object.keys(names).map((name) => {
    const statement = statements[name as keyof Calls] as (...args: unknown[]) => unknown
    return [name, (...args: unknown[]) => wire.carry(name, () => statement.apply(statements, args))]
  })
  return Object.fromEntries(calls) as Calls
}

/** What leaves has left: its bytes are copied before they travel. */
function logTablesOf(calls: LogCalls): LogTables {
  return {
    ...calls,
    async heads(segment, fromOffset, take) {
      for (const head of await calls.heads(segment, fromOffset)) take(head)
    },
    append: (flush) => calls.append(copyOf(flush)),
    writeSegment: (segment, batches) => calls.writeSegment(segment, batches.map(copyOfBatch)),
  }
}

function copyOf({ chunk, parts }: Flush): Flush {
  return { chunk, parts: parts.map((part) => ({ ...part, batches: part.batches.map(copyOfBatch) })) }
}

function copyOfBatch<Batch extends NewBatch>(batch: Batch): Batch {
  return { ...batch, payload: Buffer.from(batch.payload) }
}
