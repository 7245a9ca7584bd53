import type { EncodedRecord } from '@rivven/groups'
import { BatchBuilder, ErrorCode } from '@rivven/protocol'
import type { PartitionLog } from '../log/partition-log.js'
import type { WaitingRequest } from './waiting-request.js'

/** What is appended at once, and who is answered when it is durable. */
interface Batch {
  readonly records: EncodedRecord[]
  readonly replies: { request: WaitingRequest; response: unknown }[]
}

export interface RecordWriterOptions {
  readonly log: PartitionLog
  readonly now: () => number
  /** Called when an append failed: what the shard holds in memory is more than what is stored. */
  readonly failed: (errorCode: number) => void
}

/** Larger batches are split: a reader of the topic must be able to take one. */
const mostRecordsAtOnce = 5_000

/**
 * Group commit of one shard. While one append is on its way to the disk, the records of all decisions made meanwhile gather
 * in the next batch. Replies leave in order, when everything decided before them is durable.
 */
export class RecordWriter {
  readonly #options: RecordWriterOptions
  #gathering: Batch = newBatch()
  #inFlight: Batch | null = null
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(options: RecordWriterOptions) {
    this.#options = options
  }

  /** Nothing waits for the disk: a reply may leave at once. */
  get isIdle(): boolean {
    return this.#inFlight === null && this.#gathering.records.length === 0
  }

  add(records: readonly EncodedRecord[]): void {
    for (const record of records) this.#gathering.records.push(record)
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
    if (this.#scheduled || this.#inFlight || this.#gathering.records.length === 0) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      void this.#append()
    })
  }

  async #append(): Promise<void> {
    const batch = this.#takeBatch()
    this.#inFlight = batch
    const { errorCode } = await this.#options.log.append(this.#encode(batch.records), {
      acks: -1,
      origin: 'coordinator',
    })
    this.#inFlight = null
    if (errorCode !== ErrorCode.NONE) return this.#fail(batch, errorCode)
    for (const { request, response } of batch.replies) request.answer(response)
    this.#schedule()
    if (this.isIdle) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #takeBatch(): Batch {
    const { records, replies } = this.#gathering
    if (records.length <= mostRecordsAtOnce) {
      this.#gathering = newBatch()
      return { records, replies }
    }
    // Replies wait for the last part.
    return { records: records.splice(0, mostRecordsAtOnce), replies: [] }
  }

  #encode(records: readonly EncodedRecord[]): Buffer {
    const timestamp = this.#options.now()
    const builder = new BatchBuilder({ baseTimestamp: timestamp })
    for (const { key, value } of records) builder.append({ key, value, timestamp })
    return builder.build({})
  }

  /** Nobody knows what of this is stored: all who wait are told, and the shard begins again from its log. */
  #fail(batch: Batch, errorCode: number): void {
    const waiting = [...batch.replies, ...this.#gathering.replies]
    this.#gathering = newBatch()
    this.#options.failed(errorCode)
    for (const { request } of waiting) request.answer(request.refuse(errorCode))
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function newBatch(): Batch {
  return { records: [], replies: [] }
}
