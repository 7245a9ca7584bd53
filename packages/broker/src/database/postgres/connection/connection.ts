import type { Clock } from '@rivven/runtime'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { UnknownOutcomeError } from '../../database-error.js'
import { outcomeOf } from './outcome.js'
import { type Piecewise, PiecewiseQuery } from './piecewise-query.js'

/** What a server has said about itself. */
export interface ServerFacts {
  /** Process that serves this connection, and when it began. */
  readonly pid: number
  readonly since: string
  /** Another one: the database was failed over or restored. */
  readonly timeline: string
}

/** A statement with parameters; named, its plan is kept as long as the connection. */
export interface Prepared {
  readonly name: string
  readonly text: string
  readonly values: readonly (string | number | boolean | null | Buffer)[]
}

export type Row = Record<string, unknown>

/** So many different plans are kept by one connection. */
const MOST_PLANS = 100

/** One connection, and what becomes of its statements: each is done, or rejects as `Database` says. */
export class Connection {
  readonly facts: ServerFacts
  readonly #client: pg.Client
  readonly #clock: Clock
  readonly #plans = new Set<string>()
  readonly #endListeners = new Set<() => void>()
  #hasEnded = false
  /** A statement is under way. */
  isBusy = false
  /** Warnings that have come while the last statement was under way. */
  warnings: string[] = []

  constructor(client: pg.Client, facts: ServerFacts, clock: Clock) {
    this.#client = client
    this.facts = facts
    this.#clock = clock
    client.on('error', () => this.#end())
    client.on('end', () => this.#end())
    client.on('notice', (notice) => {
      if (notice.severity === 'WARNING') this.warnings.push(notice.message ?? '')
    })
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** It has kept enough: another one takes its place. */
  get isWorn(): boolean {
    return this.#plans.size >= MOST_PLANS
  }

  /** The rows of the last of these statements, which are one transaction. Without an answer within `mostMs` the connection is given up. */
  async run(texts: readonly string[], mostMs?: number): Promise<Row[]> {
    const answers = await this.#ask(() => this.#client.query(texts.join(';\n')), mostMs)
    // Several statements have several results, which the types of pg do not say.
    const results = [answers].flat() as { rows: Row[] }[]
    return results.at(-1)?.rows ?? []
  }

  async prepared({ name, text, values }: Prepared, mostMs?: number): Promise<Row[]> {
    this.#plans.add(name)
    const { rows } = await this.#ask(() => this.#client.query({ name, text, values: [...values] }), mostMs)
    return rows
  }

  /** The same for a statement with many bytes, which must stay what they are: see `Piecewise`. */
  piecewise(statement: Piecewise, mostMs?: number): Promise<Row[]> {
    this.#plans.add(statement.name)
    return this.#ask(() => this.#client.query(new PiecewiseQuery(statement)).done, mostMs)
  }

  /** What a query gives, in the binary form of COPY: bytes come as they are, where rows would bring them as text of twice the size. */
  copy(query: string, mostMs?: number): Promise<Buffer> {
    return this.#ask(async () => {
      const chunks: Buffer[] = []
      const stream = this.#client.query(copyTo(`copy (${query}) to stdout (format binary)`))
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks)
    }, mostMs)
  }

  onNotification(listener: (payload: string) => void): void {
    this.#client.on('notification', ({ payload }) => listener(payload ?? ''))
  }

  /** Told once; at once where it has ended. */
  onEnd(listener: () => void): void {
    if (this.#hasEnded) listener()
    else this.#endListeners.add(listener)
  }

  /** The server knows at once that it is over; what is under way is not waited for. */
  async close(): Promise<void> {
    if (this.isBusy) this.destroy()
    else if (!this.#hasEnded) await this.#client.end().catch(() => undefined)
    this.#end()
  }

  destroy(): void {
    this.#end()
  }

  async #ask<Answer>(send: () => Promise<Answer>, mostMs = Number.POSITIVE_INFINITY): Promise<Answer> {
    if (this.#hasEnded) throw outcomeOf(new Error('the connection has ended'), false)
    this.isBusy = true
    this.warnings = []
    try {
      return await this.#within(send(), mostMs)
    } catch (error) {
      throw error instanceof UnknownOutcomeError ? error : outcomeOf(error, true)
    } finally {
      this.isBusy = false
    }
  }

  #within<Answer>(done: Promise<Answer>, mostMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // A driver that has lost its connection may leave a copy without an answer.
      const gone = () => reject(new UnknownOutcomeError('The connection to PostgreSQL has ended.'))
      this.#endListeners.add(gone)
      const timer =
        mostMs === Number.POSITIVE_INFINITY
          ? undefined
          : this.#clock.setTimer(mostMs, () => {
              reject(new UnknownOutcomeError(`PostgreSQL did not answer within ${mostMs} ms.`))
              this.destroy()
            })
      done.then(resolve, reject).finally(() => {
        timer?.cancel()
        this.#endListeners.delete(gone)
      })
    })
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    // Nothing of what it was to send may go out any more: that memory may be for others when the same was done elsewhere.
    streamOf(this.#client).destroy()
    for (const listener of [...this.#endListeners]) listener()
    this.#endListeners.clear()
  }
}

/** The socket; the types of pg do not have it. */
export function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
}
