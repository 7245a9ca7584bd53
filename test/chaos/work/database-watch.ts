import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { ChunkRow, DatabaseSample } from '../check/database-size.js'

/** Looks at the tables of a database every so often; one that is away is asked again. */
export class DatabaseWatch {
  readonly #samples: DatabaseSample[] = []
  readonly #url: () => string
  readonly #everyMs: number
  readonly #startedAt = performance.now()
  readonly #isOver = new AbortController()
  readonly #done: Promise<void>

  /** `url` gives the server that takes writes now. */
  constructor(url: () => string, everyMs: number) {
    this.#url = url
    this.#everyMs = everyMs
    this.#done = this.#watch()
  }

  /** What was seen, with a last look where it was not ended before. */
  async end(): Promise<readonly DatabaseSample[]> {
    const isFirst = !this.#isOver.signal.aborted
    this.#isOver.abort()
    await this.#done
    if (isFirst) await this.#look()
    return this.#samples
  }

  async #watch(): Promise<void> {
    const { signal } = this.#isOver
    for (let next = 0; !signal.aborted; next += this.#everyMs) {
      const wait = next - (performance.now() - this.#startedAt)
      await pause(Math.max(0, wait), undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) await this.#look()
    }
  }

  async #look(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const at = performance.now() - this.#startedAt
        this.#samples.push({ at, ...(await sampleOf(this.#url())) })
        return
      } catch (error) {
        if (tries === MOST_TRIES) throw error
        await pause(500)
      }
    }
  }
}

const MOST_TRIES = 60
const SCHEMA = 'rivven'

async function sampleOf(url: string): Promise<Omit<DatabaseSample, 'at'>> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  await client.connect()
  try {
    const found = await client.query<{ name: string; bytes: string }>(
      `select relname as name, pg_total_relation_size(oid) as bytes from pg_class
      where relnamespace = '${SCHEMA}'::regnamespace and relkind = 'r'`,
    )
    const tables = new Map<string, { rows: number; bytes: number }>()
    for (const { name, bytes } of found.rows) {
      const rows = await rowsIn(client, name)
      const kind = name.startsWith('batch_') ? 'batches' : name
      const before = tables.get(kind) ?? { rows: 0, bytes: 0 }
      tables.set(kind, { rows: before.rows + rows, bytes: before.bytes + Number(bytes) })
    }
    const chunks = await client.query<ChunkRow>(
      `select chunk, closed_at is not null as "isClosed" from ${SCHEMA}.chunk`,
    )
    return { tables, chunks: chunks.rows }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** A chunk's may be dropped meanwhile. */
async function rowsIn(client: pg.Client, table: string): Promise<number> {
  try {
    const { rows } = await client.query<{ count: string }>(`select count(*) from ${SCHEMA}.${table}`)
    return Number(rows[0]!.count)
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return 0
    throw error
  }
}
