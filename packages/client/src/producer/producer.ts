import { checks } from '@rivven/config'
import { isRetriable, type RivvenError } from '@rivven/link'
import type { ProducerMetrics } from '../diagnostics/metrics.js'
import { clientClosed } from '../net/broker-links.js'
import { Cluster } from '../net/cluster.js'
import { invalid, mustFit } from '../options.js'
import { commonCalls, hintAtCalls } from '../other-methods.js'
import { Deliveries } from './deliveries.js'
import { type ProducerOptions, producerSettings } from './producer-options.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from './record.js'
import { Transaction } from './transactions/transaction.js'
import { wrongState } from './transactions/transaction-errors.js'
import type { TransactionSession } from './transactions/transaction-session.js'

const { fitting, func, object, optional } = checks

const closeCheck = object<{ timeoutMs?: number }>({
  timeoutMs: optional(fitting('milliseconds, 0 or more', (value) => typeof value === 'number' && value >= 0)),
})

/**
 * Sends records to topics.
 *
 *     const producer = new Producer({ bootstrapServers: 'localhost:9092' })
 *     const { partition, offset } = await producer.send({ topic: 'orders', key: 'o-1', value: 'paid' })
 *     await producer.close()
 *
 * By default a record is acknowledged when all in-sync replicas have it, and is written once and in order however often
 * a request has to be repeated (idempotent).
 */
export class Producer {
  readonly #cluster: Cluster
  readonly #deliveries: Deliveries
  #closing: Promise<void> | null = null

  constructor(options: ProducerOptions) {
    const settings = producerSettings(options)
    this.#cluster = new Cluster(options, 'for calls')
    this.#deliveries = new Deliveries(this.#cluster, settings)
  }

  /**
   * Sends one record; resolves when it is acknowledged. Records of one partition keep the order of the calls. Waits for
   * room when `bufferMemory` is used up. Rejects with a RivvenError when it is not acknowledged in `deliveryTimeoutMs`,
   * or is refused.
   */
  send(record: ProducerRecord): Promise<RecordMetadata> {
    if (this.#deliveries.session) return Promise.reject(notInTransaction())
    return this.#deliveries.send(record)
  }

  /**
   * Sends many records, also to several topics, with one promise for all: several times cheaper than as many `send`s.
   * Resolves when all are acknowledged, with the ranges of offsets they got; rejects with the first failure when all
   * have ended one way or the other, or at once, with nothing sent, when one of them cannot be sent at all.
   */
  async sendMany(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    if (this.#deliveries.session) throw notInTransaction()
    return this.#deliveries.sendMany(records)
  }

  /**
   * Begins a transaction: what is sent with it becomes visible to `read_committed` readers when it is committed, all at
   * once. Needs a `transactionalId`. The first one takes over that id from any earlier producer. Throws
   * ProducerFencedError when a later one has taken it from this one.
   */
  async beginTransaction(): Promise<Transaction> {
    const session = this.#mustBeTransactional()
    return new Transaction(session, await session.begin())
  }

  /**
   * Does `work` in a transaction and commits it. What `work` throws aborts it, and is thrown; so are errors of the
   * transaction. Returns what `work` returns. Where the abort fails, too, since nobody can be reached, the next transaction
   * begins with it.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    mustFit(func, work, 'work')
    const session = this.#mustBeTransactional()
    const open = await session.begin()
    const transaction = new Transaction(session, open)
    try {
      const result = await work(transaction)
      await commitUntilDecided(transaction)
      return result
    } catch (error) {
      // What made the work fail counts.
      if (transaction.isOpen) await transaction.abort().catch(() => session.leave(open))
      throw error
    }
  }

  #mustBeTransactional(): TransactionSession {
    if (this.#closing) throw clientClosed()
    const { session } = this.#deliveries
    if (!session) throw invalid('Transactions need a transactionalId.', 'Give one to the producer.')
    return session
  }

  /** Figures since it was made, at once and without asking anybody. */
  metrics(): ProducerMetrics {
    return this.#deliveries.metrics
  }

  /** Sends what waits, without lingering; resolves when all records that were sent before have ended, well or not. */
  flush(): Promise<void> {
    return this.#deliveries.flush()
  }

  /**
   * Sends what waits, then closes the connections; an open transaction is aborted. What is not acknowledged within
   * `timeoutMs` (30000) fails, what waits for a topic that is not there sooner. Every call waits for the same end.
   */
  async close(options: { timeoutMs?: number } = {}): Promise<void> {
    mustFit(closeCheck, options, 'options')
    this.#closing ??= this.#cluster.calls.during(() => this.#close(options.timeoutMs ?? 30_000))
    await this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    await this.#deliveries.close(timeoutMs)
    await this.#cluster.close()
  }
}

/** Only the coordinator knows whether a commit without an answer took place: going on is the only way. */
async function commitUntilDecided(transaction: Transaction): Promise<void> {
  for (;;) {
    try {
      return await transaction.commit()
    } catch (error) {
      if (!isRetriable(error)) throw error
    }
  }
}

function notInTransaction(): RivvenError {
  return wrongState('This producer has a transactionalId: it sends in transactions only.', 'Use beginTransaction().')
}

hintAtCalls(Producer, {
  ...commonCalls,
  sendBatch: 'Write sendMany([{ topic, key, value }, …]), also for several topics.',
  initTransactions: 'beginTransaction() does it.',
  commitTransaction: 'Write const transaction = await producer.beginTransaction(), then transaction.commit().',
  abortTransaction: 'Write const transaction = await producer.beginTransaction(), then transaction.abort().',
  sendOffsetsToTransaction: 'Write transaction.commitOffsets(consumer.position()).',
})
