import { checks } from '@rivven/config'
import type { ConsumerPosition } from '../../consumer/offsets/consumer-position.js'
import { mustFit } from '../../options.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from '../record.js'
import type { OpenTransaction } from './open-transaction.js'
import type { TransactionSession } from './transaction-session.js'

const positionCheck = checks.fitting(
  'where a consumer stands',
  (value) => Array.isArray((Object(value) as ConsumerPosition).offsets),
  'Write commitOffsets(consumer.position()).',
)

/**
 * Records and offsets that become visible to `read_committed` readers together, or never.
 *
 *     const txn = await producer.beginTransaction()
 *     for (const record of await consumer.poll(100)) await txn.send(transform(record))
 *     await txn.commitOffsets(consumer.position())
 *     await txn.commit()
 *
 * Calls throw a TransactionAbortableError when only `abort()` is left, and a ProducerFencedError or TransactionFatalError
 * when the producer is of no more use.
 */
export class Transaction {
  readonly #session: TransactionSession
  readonly #open: OpenTransaction

  constructor(session: TransactionSession, open: OpenTransaction) {
    this.#session = session
    this.#open = open
  }

  /** Neither committed nor aborted. */
  get isOpen(): boolean {
    return this.#open.phase !== 'over'
  }

  /** As `producer.send`. A record that fails makes the transaction one that can only be aborted. */
  send(record: ProducerRecord): Promise<RecordMetadata> {
    return this.#session.send(this.#open, (producer) => producer.send(record))
  }

  /** As `producer.sendMany`: several times cheaper than as many `send`s. */
  sendMany(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    return this.#session.send(this.#open, (producer) => producer.sendMany(records))
  }

  /**
   * Commits where a consumer stands together with the records: `commitOffsets(consumer.position())`. Rejects with a
   * TransactionAbortableError when others own the partitions by now.
   */
  async commitOffsets(position: ConsumerPosition): Promise<void> {
    mustFit(positionCheck, position, 'position')
    return this.#session.commitOffsets(this.#open, position)
  }

  /**
   * Waits for all that was sent, then makes it visible. When it rejects with a retriable error it is not known whether
   * that was done: call it again. Otherwise nothing was committed.
   */
  commit(): Promise<void> {
    return this.#session.commit(this.#open)
  }

  /** Drops what was not sent yet and makes sure that nothing of the rest is ever visible to `read_committed` readers. */
  abort(): Promise<void> {
    return this.#session.abort(this.#open)
  }
}
