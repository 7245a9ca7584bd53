import type { RivvenError } from '@rivven/link'
import {
  BatchBuilder,
  type Codec,
  type HeaderToWrite,
  type RecordToWrite,
  readRecords,
  sealBatch,
} from '@rivven/protocol'

/** Which producer wrote a batch and where it stands in that producer's records of the partition (KIP-98). */
export interface Stamp {
  producerId: number
  epoch: number
  baseSequence: number
  isTransactional?: boolean
}

/** How a batch ended well: appended, or split into batches that end on their own. */
export type BatchResult =
  | { kind: 'appended'; baseOffset: number; logAppendTimeMs: number }
  | { kind: 'split'; parts: readonly ProducerBatch[] }

/** The records of one `sendMany` that are in one batch side by side. */
export interface Portion {
  /** Whose records they are: compared by identity. */
  readonly owner: object
  readonly batch: ProducerBatch
  readonly firstIndex: number
  count: number
}

/** Records for one partition on their way to it. Its bytes are written once and live until its end: never reused. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly createdAt: number
  /** Settles once, for all records in it. */
  readonly done: Promise<BatchResult>
  /** Place among the sent batches of its partition; -1 while it was never sent. */
  order = -1
  stamp: Stamp | null = null
  /** An attempt ended without saying whether the batch was written. */
  maybeWritten = false
  attempts = 0
  /** How it ended; null: it has not. */
  outcome: BatchResult['kind'] | 'failed' | null = null
  lastError: RivvenError | null = null
  portion: Portion | null = null
  readonly #builder: BatchBuilder
  #bytes: Buffer | null = null
  #resolve!: (result: BatchResult) => void
  #reject!: (error: RivvenError) => void

  /** `now` is monotonic time; the delivery timeout counts from it. */
  constructor(topic: string, partition: number, now: number, initialBytes: number) {
    this.topic = topic
    this.partition = partition
    this.createdAt = now
    this.#builder = new BatchBuilder({ initialBytes })
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.done.catch(ignore)
  }

  get count(): number {
    return this.#builder.count
  }

  /** Uncompressed, header included. */
  get size(): number {
    return this.#builder.size
  }

  /** Bytes to be sent. */
  get wireSize(): number {
    return this.#bytes?.length ?? this.#builder.size
  }

  append(record: RecordToWrite): void {
    this.#builder.append(record)
  }

  /** Whether the record fits into a batch of `limit` bytes; the exact size is only computed near the limit. */
  hasRoom(record: RecordToWrite, limit: number): boolean {
    const builder = this.#builder
    if (builder.size + longest(record) <= limit) return true
    return builder.sizeWith(record) <= limit
  }

  /** The finished batch with its present stamp, compressed at the first call. */
  bytes(codec: Codec): Buffer {
    const { stamp } = this
    if (!this.#bytes) {
      const identity = stamp && {
        producerId: stamp.producerId,
        producerEpoch: stamp.epoch,
        baseSequence: stamp.baseSequence,
        isTransactional: stamp.isTransactional ?? false,
      }
      this.#bytes = this.#builder.build({ codec, ...identity })
    } else if (stamp && !isStamped(this.#bytes, stamp)) {
      this.#bytes = restamped(this.#bytes, stamp)
    }
    return this.#bytes
  }

  /** Two batches with half of the records each, in their order. */
  split(): ProducerBatch[] {
    const half = Math.ceil(this.count / 2)
    const { topic, partition, createdAt } = this
    const initialBytes = Math.max(this.size >> 1, 1024)
    const parts = [0, 1].map(() => new ProducerBatch(topic, partition, createdAt, initialBytes))
    let index = 0
    for (const record of readRecords(this.bytes('none'))) {
      const { key, value, headers, timestamp } = record
      parts[index++ < half ? 0 : 1]!.append({ key, value, headers, timestamp })
    }
    return parts
  }

  succeed(result: BatchResult): void {
    this.outcome ??= result.kind
    this.#resolve(result)
  }

  fail(error: RivvenError): void {
    this.outcome ??= 'failed'
    this.#reject(error)
  }
}

/** An upper bound of the record's bytes, without measuring text. */
function longest({ key, value, headers }: RecordToWrite): number {
  let bytes = 64 + lengthOf(key) + lengthOf(value)
  if (headers) for (const header of headers) bytes += longestHeader(header)
  return bytes
}

function longestHeader(header: HeaderToWrite): number {
  return 10 + header.key.length * 3 + lengthOf(header.value)
}

function lengthOf(bytes: Uint8Array | string | null | undefined): number {
  if (bytes === null || bytes === undefined) return 0
  return typeof bytes === 'string' ? bytes.length * 3 : bytes.length
}

const producerIdAt = 43
const epochAt = 51
const sequenceAt = 53

function isStamped(batch: Buffer, stamp: Stamp): boolean {
  return (
    batch.readInt32BE(sequenceAt) === stamp.baseSequence &&
    batch.readInt16BE(epochAt) === stamp.epoch &&
    batch.readBigInt64BE(producerIdAt) === BigInt(stamp.producerId)
  )
}

/** A copy: the old bytes may still be in a socket. */
function restamped(batch: Buffer, stamp: Stamp): Buffer {
  const copy = Buffer.from(batch)
  copy.writeBigInt64BE(BigInt(stamp.producerId), producerIdAt)
  copy.writeInt16BE(stamp.epoch, epochAt)
  copy.writeInt32BE(stamp.baseSequence, sequenceAt)
  sealBatch(copy)
  return copy
}

function ignore(): void {
  // Whoever sent the records hears of the failure through a promise of their own.
}
