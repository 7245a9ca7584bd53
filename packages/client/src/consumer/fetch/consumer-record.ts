// Hot path: poll makes one of these a record. Key, value and headers are read where they lie when they are asked for.
import type { LazyRecord, RecordHeader } from '@rivven/protocol'

/** A record of any format, read where it lies. */
export type RawRecord = Pick<LazyRecord, 'offset' | 'timestamp' | 'key' | 'value' | 'headers' | 'size'>

/** Whatever hands out the records of one batch. */
export interface BatchReader {
  /** Nothing follows that could be read, or complained of. */
  readonly isAtEnd: boolean
  read(): RawRecord | undefined
}

/** What the records of one batch have in common. */
export interface BatchOrigin {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
}

/**
 * A record as `poll` gives it. `key`, `value` and `headers` are made at each access, without copying: they share memory
 * with the records fetched beside it, so copy what you keep for long (`Buffer.from(record.value)`).
 */
export class ConsumerRecord {
  // TypeScript's private: fields with # cost twice as much to make on Node 20.
  private readonly origin: BatchOrigin
  private readonly record: RawRecord

  constructor(origin: BatchOrigin, record: RawRecord) {
    this.origin = origin
    this.record = record
  }

  get topic(): string {
    return this.origin.topic
  }

  get partition(): number {
    return this.origin.partition
  }

  get offset(): number {
    return this.record.offset
  }

  /** In milliseconds since 1970; -1 when the record has none. */
  get timestamp(): number {
    return this.record.timestamp
  }

  get key(): Buffer | null {
    return this.record.key
  }

  /** null: a tombstone. */
  get value(): Buffer | null {
    return this.record.value
  }

  /** In the order they were written; a key may stand there more than once. */
  get headers(): RecordHeader[] {
    return this.record.headers
  }

  /** Epoch of the leader that wrote the record; -1 in logs older than Kafka 0.11. */
  get leaderEpoch(): number {
    return this.origin.leaderEpoch
  }

  /** Bytes of key and value. */
  get size(): number {
    return this.record.size
  }

  /** All fields as a plain object, with key and value as Buffers: for logs, tests and copies. */
  toObject() {
    const { topic, partition, offset, timestamp, key, value, headers, leaderEpoch } = this
    return { topic, partition, offset, timestamp, key, value, headers, leaderEpoch }
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return this.toObject()
  }
}
