import type { Clock } from '@rivven/runtime'
import type { Term } from '../../database/database.js'
import type { LoadedPartition, LogTables } from '../../database/log-tables.js'
import { untilAnswered } from './outage.js'

interface Asked {
  readonly term: Term
  readonly resolve: (loaded: LoadedPartition | undefined) => void
  readonly reject: (error: unknown) => void
}

/** With one call: each has its checkpoint in memory until it is taken. */
const MOST_TERMS = 1_000

/** Asks for all partitions that open in one turn with one call. */
export class Loader {
  readonly #tables: Pick<LogTables, 'load'>
  readonly #clock: Clock
  #asked: Asked[] = []
  #round = 0

  constructor(tables: Pick<LogTables, 'load'>, clock: Clock) {
    this.#tables = tables
    this.#clock = clock
  }

  /** Undefined: the term is over. Waits through outages. */
  load(term: Term): Promise<LoadedPartition | undefined> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ term, resolve, reject })
      if (this.#asked.length === 1) queueMicrotask(() => void this.#ask())
    })
  }

  /** Who waits through an outage waits no longer. */
  giveUp(): void {
    this.#round++
  }

  /** Whether what begins now was given up since. */
  patience(): () => boolean {
    const round = this.#round
    return () => this.#round !== round
  }

  async #ask(): Promise<void> {
    const asked = this.#asked
    this.#asked = []
    for (let from = 0; from < asked.length; from += MOST_TERMS) await this.#answer(asked.slice(from, from + MOST_TERMS))
  }

  async #answer(asked: readonly Asked[]): Promise<void> {
    try {
      const terms = asked.map(({ term }) => term)
      const loaded = await untilAnswered(this.#clock, this.patience(), () => this.#tables.load(terms))
      const byId = new Map(loaded.map((partition) => [partition.partId, partition]))
      for (const { term, resolve } of asked) resolve(byId.get(term.partId))
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}
