import type { BatchHead, SegmentPlace } from '../log-tables.js'
import type { Connection } from './connection/connection.js'
import { unlessDropped } from './statements/batch-table.js'
import { type HeadsFound, type HeadsQuestion, heads, MOST_QUESTIONS } from './statements/heads.js'

interface Asked extends HeadsQuestion {
  readonly resolve: (found: HeadsFound) => void
  readonly reject: (error: unknown) => void
}

const NONE: HeadsFound = { heads: [], isAll: true }

/**
 * Heads of the batches of segments. Who takes over hundreds of partitions asks for those of each: all that wait for a connection, and lie in
 * one chunk, are one statement.
 */
export class HeadsReader {
  readonly #run: <Answer>(statement: (connection: Connection) => Promise<Answer>) => Promise<Answer>
  readonly #waiting = new Map<number, Asked[]>()

  /** `run` runs a statement on a connection when one is free. */
  constructor(run: <Answer>(statement: (connection: Connection) => Promise<Answer>) => Promise<Answer>) {
    this.#run = run
  }

  /** Tells of all from an offset on, in their order. */
  async each({ segmentId, chunk }: SegmentPlace, fromOffset: number, take: (head: BatchHead) => void): Promise<void> {
    for (let from = fromOffset, isDone = false; !isDone; ) {
      const found = await this.#ask(chunk, { segmentId, fromOffset: from })
      for (const head of found.heads) take(head)
      isDone = found.isAll
      from = (found.heads.at(-1)?.lastOffset ?? 0) + 1
    }
  }

  #ask(chunk: number, question: HeadsQuestion): Promise<HeadsFound> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(chunk) ?? []
      this.#waiting.set(chunk, waiting)
      waiting.push({ ...question, resolve, reject })
      // One statement for so many; whose turn it is takes what waits then.
      if (waiting.length % MOST_QUESTIONS === 1) void this.#answerSome(chunk)
    })
  }

  async #answerSome(chunk: number): Promise<void> {
    let asked: Asked[] = []
    try {
      const found = await this.#run(async (connection) => {
        asked = this.#take(chunk)
        return asked.length === 0 ? [] : unlessDropped(chunk, heads(connection, chunk, asked), [])
      })
      for (const [at, { resolve }] of asked.entries()) resolve(found[at] ?? NONE)
    } catch (error) {
      for (const { reject } of [...asked, ...(asked.length === 0 ? this.#take(chunk) : [])]) reject(error)
    }
  }

  #take(chunk: number): Asked[] {
    const waiting = this.#waiting.get(chunk) ?? []
    const taken = waiting.splice(0, MOST_QUESTIONS)
    if (waiting.length === 0) this.#waiting.delete(chunk)
    return taken
  }
}
