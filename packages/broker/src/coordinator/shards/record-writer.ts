// Hot path: every commit passes here. One batch, exactly sized, for all decisions of a moment; no timer, no promise each.
import { BATCH_HEADER_SIZE, BatchBuilder, buildControlBatch, ErrorCode } from '@rivven/protocol'
import type { PartitionLog } from '../../log/partition-log.js'
import type { BatchProducer, WrittenRecord } from './shard-rules.js'
import type { WaitingRequest } from './waiting-requests.js'

/** What is appended at once, and who is answered when it is durable. */
interface Batch {
  readonly records: WrittenRecord[]
  readonly replies: { request: WaitingRequest; response: unknown }[]
  /** Records that are stored together or not at all, in order. */
  readonly wholes: Span[]
}

interface Span {
  readonly from: number
  readonly to: number
}

export interface RecordWriterOptions {
  readonly log: PartitionLog
  readonly now: () => number
  /** Called when an append failed: what the shard holds in memory is more than what is stored. */
  readonly failed: (errorCode: number, error?: unknown) => void
}

/** Larger batches are split, where that may be: whoever reads the topic must be able to take one at a time. */
const mostRecordsAtOnce = 5_000
const mostBytesAtOnce = 1_000_000
/** Varints of a record: length, timestamp, offset, both sizes; its attributes and number of headers. */
const bytesAroundRecord = 20

/**
 * Group commit of one shard. While one append is on its way to the disk, the records of all decisions made meanwhile gather
 * in the next batch. Replies leave in order, when everything decided before them is durable.
 */
export class RecordWriter {
  readonly #options: RecordWriterOptions
  #gathering: Batch = newBatch()
  #inFlight: Batch | null = null
  #isScheduled = false
  #idle: (() => void)[] = []
  #durableEnd: number | undefined

  constructor(options: RecordWriterOptions) {
    this.#options = options
  }

  /** Nothing waits for the disk: a reply may leave at once. */
  get isIdle(): boolean {
    return this.#inFlight === null && this.#gathering.records.length === 0
  }

  /** What is before this offset is durable, whatever became of the last append; undefined before the first that was. */
  get durableEnd(): number | undefined {
    return this.#durableEnd
  }

  /** `isWhole`: these are not to be parted, however many they are. */
  add(records: readonly WrittenRecord[], isWhole = false): void {
    const { records: gathered, wholes } = this.#gathering
    if (isWhole) wholes.push({ from: gathered.length, to: gathered.length + records.length })
    for (const record of records) gathered.push(record)
    this.#schedule()
  }

  /** Sends a reply once all records so far are durable. */
  reply(request: WaitingRequest, response: unknown): void {
    if (this.#gathering.records.length > 0) this.#gathering.replies.push({ request, response })
    else if (this.#inFlight) this.#inFlight.replies.push({ request, response })
    else request.answer(response)
  }

  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void> {
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /** One microtask later: the requests that came in one read of a socket share an append. */
  #schedule(): void {
    if (this.#isScheduled || this.#inFlight || this.#gathering.records.length === 0) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      void this.#append()
    })
  }

  async #append(): Promise<void> {
    const { log } = this.#options
    const batch = this.#takeBatch()
    this.#inFlight = batch
    try {
      const { errorCode, baseOffset } = await log.append(this.#encode(batch.records), {
        acks: -1,
        origin: 'coordinator',
        ...(batch.records[0]?.ends && { transactionVersion: batch.records[0].ends.transactionVersion }),
      })
      if (errorCode !== ErrorCode.NONE) return this.#fail(batch, errorCode)
      this.#durableEnd = baseOffset + batch.records.length
    } catch (error) {
      return this.#fail(batch, ErrorCode.UNKNOWN_SERVER_ERROR, error)
    }
    this.#inFlight = null
    for (const { request, response } of batch.replies) request.answer(response)
    this.#schedule()
    if (this.isIdle) this.#tellIdle()
  }

  #takeBatch(): Batch {
    const { records, replies, wholes } = this.#gathering
    const count = uncut(countThatFits(records), wholes)
    if (count === records.length) {
      this.#gathering = newBatch()
      return { records, replies, wholes: [] }
    }
    const left = wholes
      .filter(({ from }) => from >= count)
      .map(({ from, to }) => ({ from: from - count, to: to - count }))
    wholes.splice(0, wholes.length, ...left)
    // Replies wait for the last part.
    return { records: records.splice(0, count), replies: [], wholes: [] }
  }

  #encode(records: readonly WrittenRecord[]): Buffer {
    const timestamp = this.#options.now()
    const first = records[0]
    if (first?.producer && first.ends) return encodeMarker(first.producer, first.ends, timestamp)
    let initialBytes = BATCH_HEADER_SIZE
    for (const record of records) initialBytes += sizeOf(record)
    const builder = new BatchBuilder({ baseTimestamp: timestamp, initialBytes })
    for (const { key, value } of records) builder.append({ key, value, timestamp })
    return builder.build(first?.producer && { ...first.producer, isTransactional: true })
  }

  /** Nobody knows what of this is stored: all who wait are told, and the shard begins again from its log. */
  #fail(batch: Batch, errorCode: number, error?: unknown): void {
    const waiting = [...batch.replies, ...this.#gathering.replies]
    this.#inFlight = null
    this.#gathering = newBatch()
    this.#options.failed(errorCode, error)
    for (const { request } of waiting) request.answer(request.refuse(errorCode))
    this.#tellIdle()
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function newBatch(): Batch {
  return { records: [], replies: [], wholes: [] }
}

function sizeOf({ key, value }: WrittenRecord): number {
  return key.length + (value?.length ?? 0) + bytesAroundRecord
}

function encodeMarker(
  producer: BatchProducer,
  { committed, coordinatorEpoch }: NonNullable<WrittenRecord['ends']>,
  timestamp: number,
): Buffer {
  return buildControlBatch({ ...producer, type: committed ? 'COMMIT' : 'ABORT', coordinatorEpoch, timestamp })
}

/** So many records, or fewer, or more: what is whole is taken whole, alone where it is large. */
function uncut(count: number, wholes: readonly Span[]): number {
  const cut = wholes.find(({ from, to }) => from < count && count < to)
  if (!cut) return count
  return cut.from > 0 ? cut.from : cut.to
}

/** One record at least, however large it is; none of another producer. */
function countThatFits(records: readonly WrittenRecord[]): number {
  let bytes = 0
  const first = records[0]
  if (first?.ends) return 1
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!
    if (record.producer !== first?.producer || record.ends) return index
    bytes += sizeOf(record)
    if (index > 0 && (bytes > mostBytesAtOnce || index >= mostRecordsAtOnce)) return index
  }
  return records.length
}
