// Hot path: every read of a partition. From memory if it is there, else from the database.
import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { LogTables } from '../../database/log-tables.js'
import type { StoredBatches, StoredRange } from '../storage.js'
import type { Tail } from '../tail-cache.js'
import { untilAnswered } from './outage.js'
import type { KeptBatches, ReadAhead } from './read-ahead.js'
import type { SharedSegment } from './shared-segment.js'

/** A round trip costs as much as some hundred KiB: what came too much serves the next read (cluster.md §7.4). */
const LEAST_BYTES = 1_048_576
const MOST_BYTES = 8_388_608

export interface ReadStore {
  readonly partId: number
  readonly tail: Tail
  segments(): readonly SharedSegment[]
  writtenOffset(): number
  isClosed(): boolean
}

/** Reads one partition: its tail in memory, and its segments one read after the other. */
export class SharedReader {
  readonly #tables: LogTables
  readonly #clock: Clock
  readonly #ahead: ReadAhead
  readonly #store: ReadStore
  #reading: Promise<unknown> = Promise.resolve()

  constructor({ tables, clock, ahead }: { tables: LogTables; clock: Clock; ahead: ReadAhead }, store: ReadStore) {
    this.#tables = tables
    this.#ahead = ahead
    this.#clock = clock
    this.#store = store
  }

  read(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    this.#store.tail.follow(this.#clock.monotonic())
    return this.peek(range)
  }

  peek(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    const endOffset = Math.min(range.endOffset, this.#store.writtenOffset())
    const maxBytes = Math.min(range.maxBytes, range.mayHold ?? Number.POSITIVE_INFINITY)
    const bounded = { ...range, endOffset, maxBytes }
    const known = this.#store.tail.read(bounded) ?? this.#readAhead(bounded)
    if (known) return known
    if (maxBytes <= 0 && !range.atLeastOne) return nothingAt(range.offset)
    // Who waited for another read may find in it what it wants.
    return this.#inTurn(async () => this.#readAhead(bounded) ?? this.#readTables(bounded))
  }

  /** The segments are others, or the partition is closed: what was read of it before may stand there no more. */
  forget(): void {
    this.#ahead.forget(this)
  }

  #readAhead(range: StoredRange): StoredBatches | undefined {
    const kept = this.#ahead.take(this, range.offset)
    return kept && this.#give(range, kept)
  }

  /** What is wanted of it; the rest is kept. */
  #give(range: StoredRange, { batches, held }: Omit<KeptBatches, 'fromOffset'>): StoredBatches {
    const given = within(range, batches)
    this.#ahead.keep(this, { fromOffset: given.nextOffset, batches: batches.slice(given.buffers.length), held })
    return given
  }

  /** An offset that no batch with such a timestamp lies before. */
  async offsetBeforeTimestamp(timestamp: number): Promise<number | undefined> {
    const segment = this.#store.segments().find(({ maxTimestamp }) => maxTimestamp >= timestamp)
    const place = segment?.place
    if (segment === undefined || place === undefined) return segment?.baseOffset
    const found = await this.#answer(() => this.#tables.firstOffsetAt(place, timestamp))
    return found ?? segment.baseOffset
  }

  async #readTables(range: StoredRange): Promise<StoredBatches> {
    for (const segment of this.#store.segments()) {
      if (segment.nextOffset <= range.offset || segment.baseOffset >= range.endOffset) continue
      const batches = await this.#readSegment(segment, range)
      const isThere = this.#store.segments().includes(segment)
      if (batches.length > 0 && isThere && !this.#store.isClosed())
        return this.#give(range, { batches, held: sizeOf(batches) })
      if (batches.length > 0) return within(range, batches)
      // Removed or replaced while it was read: look again.
      if (!isThere) return this.#readTables(range)
    }
    return nothingAt(range.offset)
  }

  async #readSegment(segment: SharedSegment, { offset, maxBytes: wanted }: StoredRange): Promise<Buffer[]> {
    const { place } = segment
    if (place === undefined) return []
    const maxBytes = Math.min(Math.max(wanted, LEAST_BYTES), MOST_BYTES)
    const row = { ...segment.facts(this.#store.partId), ...place }
    return this.#answer(() => this.#tables.read(row, { fromOffset: offset, maxBytes }))
  }

  #answer<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return untilAnswered(this.#clock, () => this.#store.isClosed(), call)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#reading.then(work, work)
    this.#reading = done.catch(() => undefined)
    return done
  }
}

function nothingAt(nextOffset: number): StoredBatches {
  return { buffers: [], size: 0, nextOffset }
}

function sizeOf(batches: readonly Buffer[]): number {
  return batches.reduce((size, { length }) => size + length, 0)
}

function within({ offset, endOffset, maxBytes, atLeastOne }: StoredRange, batches: readonly Buffer[]): StoredBatches {
  const buffers: Buffer[] = []
  let size = 0
  let nextOffset = offset
  for (const batch of batches) {
    if (batchBaseOffset(batch) >= endOffset) break
    if (size + batch.length > maxBytes && !(atLeastOne && size === 0)) break
    buffers.push(batch)
    size += batch.length
    nextOffset = batchNextOffset(batch)
  }
  return { buffers, size, nextOffset }
}
