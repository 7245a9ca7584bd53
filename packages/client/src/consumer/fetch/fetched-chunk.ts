// Hot path: walks the batches of one partition of a Fetch answer; 1 KiB records untouched cost 40 ns each.

import { RecordTooLargeError, RivvenError } from '@rivven/link'
import type { AbortedFilter } from '@rivven/protocol'
import {
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  batchBaseOffset,
  batchIsControl,
  batchLastOffset,
  batchLeaderEpoch,
  batchMagic,
  batchNextOffset,
  batchSize,
  isBatchCrcRight,
  RecordsError,
  readRecords,
} from '@rivven/protocol'
import type { Position } from '../state/partition-state.js'
import { type BatchOrigin, type BatchReader, ConsumerRecord } from './consumer-record.js'
import { legacyReader } from './legacy-reader.js'

export interface ChunkSource {
  topic: string
  partition: number
  /** As fetched: it may begin before `position` and end within a batch. */
  records: Buffer
  position: Position
  /** null: everything is read, aborted or not. */
  aborted: AbortedFilter | null
}

/** Fetched records of one partition that wait to be taken. */
export class FetchedChunk {
  /** Where to fetch on: behind the last whole batch. */
  readonly end: Position
  readonly #source: ChunkSource
  #length = 0
  #at = 0
  #batchEnd = 0
  #batchLast = 0
  #reader: BatchReader | null = null
  /** Where a batch was checked last, and whether its checksum was right. */
  #checkedAt = -1
  #isNextRight = false
  #origin: BatchOrigin
  #offset: number
  #leaderEpoch: number

  /** Throws when not even the first batch is whole, or where bytes are no batch. */
  constructor(source: ChunkSource) {
    this.#source = source
    const { topic, partition, position } = source
    this.#origin = { topic, partition, leaderEpoch: position.leaderEpoch }
    this.#offset = position.offset
    this.#leaderEpoch = position.leaderEpoch
    const { length, end } = this.#naming(() => measure(source))
    this.#length = length
    this.end = end
    if (length === 0) throw tooLarge(source)
  }

  /** Bytes that this chunk keeps in memory. */
  get bytes(): number {
    return this.#source.records.length
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#length - this.#at
  }

  /** Behind the last record taken, and behind whatever holds no records for the application. */
  get position(): Position {
    return { offset: this.#offset, leaderEpoch: this.#leaderEpoch }
  }

  get isDone(): boolean {
    return this.#reader === null && this.#at >= this.#length
  }

  /** Adds up to `max` records to `out`. Throws CORRUPT_MESSAGE at records that cannot be read, again at each call. */
  take(max: number, out: ConsumerRecord[]): number {
    return this.#naming(() => this.#take(max, out))
  }

  #take(max: number, out: ConsumerRecord[]): number {
    const enough = out.length + max
    const before = out.length
    while (out.length < enough) {
      if (this.#reader === null && !this.#openBatch()) break
      const record = this.#reader!.read()
      if (record === undefined) this.#closeBatch()
      else if (record.offset > this.#batchLast) this.#reader = damaged(record.offset, this.#batchLast)
      else if (record.offset >= this.#offset) {
        out.push(new ConsumerRecord(this.#origin, record))
        this.#offset = record.offset + 1
        this.#leaderEpoch = this.#origin.leaderEpoch
      }
    }
    if (this.#reader?.isAtEnd) this.#closeBatch()
    if (this.#reader === null) this.#nextBatch()
    return out.length - before
  }

  /** Moves to the next batch with records for the application; false at the end. */
  #openBatch(): boolean {
    const batch = this.#nextBatch()
    if (batch === null) return false
    this.#batchLast = lastOffset(batch, 0)
    if (batchMagic(batch) < 2) {
      this.#reader = legacyReader(batch)
      return true
    }
    if (!this.#isNextRight) throw new RecordsError('corrupt', 'The checksum of the batch is wrong.')
    const { topic, partition } = this.#source
    this.#origin = { topic, partition, leaderEpoch: batchLeaderEpoch(batch) }
    this.#reader = readRecords(batch)
    return true
  }

  /**
   * Passes over what holds no records for the application: markers, what was aborted, what lies before the position. So
   * the position says that nothing is missing there, and can be committed.
   */
  #nextBatch(): Buffer | null {
    while (this.#at < this.#length) {
      const { records } = this.#source
      const batch = records.subarray(this.#at, this.#at + batchSize(records, this.#at))
      this.#batchEnd = this.#at + batch.length
      if (batchMagic(batch) < 2 || !this.#isEmpty(batch)) return batch
      this.#closeBatch()
    }
    return null
  }

  /** What is damaged is not: reading it says so. */
  #isEmpty(batch: Buffer): boolean {
    if (this.#checkedAt !== this.#at) this.#isNextRight = isBatchCrcRight(batch)
    this.#checkedAt = this.#at
    if (!this.#isNextRight) return false
    const isAborted = this.#source.aborted?.isAborted(batch) ?? false
    return batchLastOffset(batch) < this.#offset || isAborted || batchIsControl(batch)
  }

  /** Goes on behind the batch: its last offset counts, not its last record's (compaction leaves gaps). */
  #closeBatch(): void {
    const { records } = this.#source
    this.#offset = Math.max(this.#offset, lastOffset(records, this.#at) + 1)
    if (batchMagic(records, this.#at) === 2) this.#leaderEpoch = batchLeaderEpoch(records, this.#at)
    this.#at = this.#batchEnd
    this.#reader = null
  }

  #naming<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof RecordsError) throw unreadable(this.#source, this.#offset, this.#nextOffset(), error)
      throw error
    }
  }

  /** Behind the batch that stands here, as the one that follows it in these bytes confirms; else nobody knows. */
  #nextOffset(): number | undefined {
    const { records } = this.#source
    // What is damaged at its beginning may say any size, or not even that.
    if (damageOf(records, this.#at, 0) !== null) return undefined
    const next = this.#at + batchSize(records, this.#at)
    if (next + BATCH_MAGIC_END > this.#length || batchMagic(records, this.#at) < 2) return undefined
    const offset = batchNextOffset(records, this.#at)
    return offset === batchBaseOffset(records, next) ? offset : undefined
  }
}

/**
 * How many bytes are whole batches, and where the last of them ends. Throws where the first one is damaged; at a later one
 * it ends, so that those before are read, and the next fetch begins with the damage.
 */
function measure({ records, position }: ChunkSource): { length: number; end: Position } {
  let at = 0
  let { offset, leaderEpoch } = position
  let begin = 0
  while (records.length - at >= BATCH_MAGIC_END) {
    const damage = damageOf(records, at, begin)
    if (damage !== null && at > 0) break
    if (damage !== null) throw damage
    if (at > 0 && begin <= position.offset && batchBaseOffset(records, at) > position.offset)
      throw misplaced(records, 0, position.offset)
    const size = batchSize(records, at)
    if (size > records.length - at) break
    begin = lastOffset(records, at) + 1
    offset = Math.max(offset, begin)
    if (batchMagic(records, at) === 2) leaderEpoch = batchLeaderEpoch(records, at)
    at += size
  }
  // What brings nobody further would be fetched again and again, in silence.
  if (at > 0 && offset === position.offset) throw misplaced(records, 0, position.offset)
  return { length: at, end: { offset, leaderEpoch } }
}

/** Offset, size and format stand outside the checksum. A batch that lies before another would be passed over as read already. */
function damageOf(records: Buffer, at: number, begin: number): RecordsError | null {
  const [size, magic] = [batchSize(records, at), batchMagic(records, at)]
  if (magic < 0 || magic > 2) return new RecordsError('corrupt', `A batch claims to have format ${magic}.`)
  if (size < (magic < 2 ? BATCH_MAGIC_END : BATCH_HEADER_SIZE))
    return new RecordsError('corrupt', `A batch claims to have ${size} bytes.`)
  if (batchBaseOffset(records, at) < begin) return misplaced(records, at, begin)
  // Nothing more is known of one that was cut.
  if (size > records.length - at) return null
  // Where a consumer reads on is behind it, and goes back to the broker: no number beyond is exact.
  const last = lastOffset(records, at)
  if (last < Number.MAX_SAFE_INTEGER) return null
  return new RecordsError('corrupt', `A batch claims to end at offset ${last}, beyond all that are counted.`)
}

/** In a message set of old, the outer offset is that of the last record. */
function lastOffset(records: Buffer, at: number): number {
  return batchMagic(records, at) < 2 ? batchBaseOffset(records, at) : batchLastOffset(records, at)
}

/** In place of the reader that gave out a record which lies behind its batch. */
function damaged(offset: number, last: number): BatchReader {
  return {
    isAtEnd: false,
    read: () => {
      throw new RecordsError('corrupt', `A record claims to have offset ${offset}; its batch ends at ${last}.`)
    },
  }
}

function misplaced(records: Buffer, at: number, least: number): RecordsError {
  const text = `A batch says that it begins at offset ${batchBaseOffset(records, at)}, where ${least} or more must come.`
  return new RecordsError('corrupt', text)
}

function tooLarge({ topic, partition, position, records }: ChunkSource): RivvenError {
  const text = `The batch at offset ${position.offset} of ${topic}/${partition} is larger than the ${records.length} bytes that the broker sent of it.`
  return new RecordTooLargeError('MESSAGE_TOO_LARGE', text, {
    hint: 'Raise maxPartitionFetchBytes and fetchMaxBytes.',
    facts: { topic, partition, offset: position.offset },
  })
}

function unreadable(
  { topic, partition }: ChunkSource,
  offset: number,
  nextOffset: number | undefined,
  cause: RecordsError,
): RivvenError {
  const text = `The records of ${topic}/${partition} at offset ${offset} cannot be read: ${cause.message}`
  const facts = { topic, partition, offset, nextOffset }
  if (cause.fault === 'unavailable') return new RivvenError('UNSUPPORTED_COMPRESSION_TYPE', text, { cause, facts })
  return new RivvenError('CORRUPT_MESSAGE', text, {
    hint: 'To go on without them, seek to a later offset.',
    cause,
    facts,
  })
}
