import { checks } from '@rivven/config'
import type { Timer } from '@rivven/runtime'
import { asRivvenError, isRetriable, RivvenError } from '../errors.js'
import { clientClosed } from '../net/broker-links.js'
import { Cluster } from '../net/cluster.js'
import type { ClusterImage } from '../net/cluster-image.js'
import { isDoneBy } from '../net/deadline.js'
import { invalid, mustFit } from '../options.js'
import { Accumulator, type ProducerTopic } from './accumulator.js'
import { ended, rangesOf, recordAt } from './delivery.js'
import type { PartitionQueue } from './partition-queue.js'
import type { Portion, ProducerBatch } from './producer-batch.js'
import { type ProducerOptions, type ProducerSettings, producerSettings } from './producer-options.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from './record.js'
import { checkRecord, checkRecords } from './record-check.js'
import { Sender } from './sender.js'
import { TopicLookups } from './topic-lookups.js'
import { Transaction } from './transactions/transaction.js'
import { wrongState } from './transactions/transaction-errors.js'
import { TransactionSession } from './transactions/transaction-session.js'

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
  readonly #settings: ProducerSettings
  readonly #accumulator: Accumulator
  readonly #sender: Sender
  readonly #lookups: TopicLookups
  readonly #session: TransactionSession | null
  readonly #stopListening: () => void
  #sweep: Timer | null = null
  /** Takes nothing more. */
  #isClosed = false
  #hasEnded = false
  #closing: Promise<void> | null = null

  constructor(options: ProducerOptions) {
    this.#settings = producerSettings(options)
    this.#cluster = new Cluster(options)
    this.#lookups = new TopicLookups(this.#cluster, this.#settings, (image) => this.#takePartitions(image))
    this.#session = this.#transactionSession()
    const events = {
      settled: (batch: ProducerBatch) => this.#settled(batch),
      split: (parts: readonly ProducerBatch[]) => this.#accumulator.adopt(parts),
    }
    this.#sender = new Sender(this.#cluster, this.#settings, events, this.#session ?? undefined)
    this.#accumulator = new Accumulator(this.#settings, this.#cluster.runtime, {
      ready: (queue) => this.#sender.wake(queue),
      begun: (queue) => this.#begun(queue),
      hasLeader: (topic, partition) => this.#cluster.leaderOf(topic, partition) !== undefined,
    })
    this.#stopListening = this.#cluster.onImage((image) => this.#takePartitions(image))
  }

  /**
   * Sends one record; resolves when it is acknowledged. Records of one partition keep the order of the calls. Waits for
   * room when `bufferMemory` is used up. Rejects with a RivvenError when it is not acknowledged in `deliveryTimeoutMs`,
   * or is refused.
   */
  send(record: ProducerRecord): Promise<RecordMetadata> {
    if (this.#session) return Promise.reject(notInTransaction())
    return this.#sendOne(record)
  }

  #sendOne(record: ProducerRecord): Promise<RecordMetadata> {
    try {
      checkRecord(record)
      const topic = this.#accumulator.topic(record.topic)
      if (this.#mayAppend(topic, null)) return this.#append(topic, record)
      return this.#sendLater(topic, { ...record })
    } catch (error) {
      return Promise.reject(asRivvenError(error, 'Sending a record'))
    }
  }

  /**
   * Sends many records, also to several topics, with one promise for all: several times cheaper than as many `send`s.
   * Resolves when all are acknowledged, with the ranges of offsets they got; rejects with the first failure when all
   * have ended one way or the other, or at once, with nothing sent, when one of them cannot be sent at all.
   */
  async sendMany(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    if (this.#session) throw notInTransaction()
    return this.#sendAll(records)
  }

  /**
   * Begins a transaction: what is sent with it becomes visible to `read_committed` readers when it is committed, all at
   * once. Needs a `transactionalId`. The first one takes over that id from any earlier producer. Throws
   * ProducerFencedError when a later one has taken it from this one.
   */
  async beginTransaction(): Promise<Transaction> {
    if (this.#isClosed) throw clientClosed()
    if (!this.#session) throw invalid('Transactions need a transactionalId.', 'Give one to the producer.')
    return new Transaction(this.#session, await this.#session.begin())
  }

  /**
   * Does `work` in a transaction and commits it. What `work` throws aborts it, and is thrown; so are errors of the
   * transaction. Returns what `work` returns.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    mustFit(func, work, 'work')
    const transaction = await this.beginTransaction()
    try {
      const result = await work(transaction)
      await commitUntilDecided(transaction)
      return result
    } catch (error) {
      // What made the work fail counts; an abort that fails too shows at the next begin, or by the timeout.
      if (transaction.isOpen) await transaction.abort().catch(ignore)
      throw error
    }
  }

  async #sendAll(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    try {
      checkRecords(records)
      return await this.#takeAll(records)
    } catch (error) {
      throw asRivvenError(error, 'Sending records')
    }
  }

  async #takeAll(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    const portions: Portion[] = []
    let next = 0
    const advance = (inLineOf: ProducerTopic | null): ProducerTopic | null => {
      const now = this.#cluster.runtime.clock.now()
      for (; next < records.length; next++) {
        const record = records[next]!
        const topic = this.#accumulator.topic(record.topic)
        if (!this.#mayAppend(topic, inLineOf)) return topic
        addToPortion(portions, this.#accumulator.append(topic, record, now))
      }
      return null
    }
    for (let blocked = advance(null); blocked !== null; blocked = advance(null)) {
      const topic = blocked
      // All new topics at once: one after the other, each would cost a round trip or two.
      if (topic.partitionCount === 0) this.#lookUpAll(records, next)
      await this.#waitInLine(topic, () => advance(topic) !== topic)
    }
    const ends = await Promise.allSettled(portions.map(rangesOf))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
    return ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
  }

  /** Sends what waits, without lingering; resolves when all records that were sent before have ended, well or not. */
  async flush(): Promise<void> {
    this.#sender.hurry(true)
    this.#wakeAll()
    const topics = [...this.#accumulator.topics.values()]
    await Promise.all(topics.map(({ line }) => line.served()))
    this.#wakeAll()
    await Promise.all([...this.#accumulator.outstanding].map(ended))
    this.#sender.hurry(false)
  }

  /**
   * Sends what waits, then closes the connections; an open transaction is aborted. What is not acknowledged within
   * `timeoutMs` (30000) fails, what waits for a topic that is not there sooner. Every call waits for the same end.
   */
  async close(options: { timeoutMs?: number } = {}): Promise<void> {
    mustFit(closeCheck, options, 'options')
    this.#closing ??= this.#close(options.timeoutMs ?? 30_000)
    await this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster.runtime
    this.#isClosed = true
    this.#lookups.hurry()
    await isDoneBy(this.#finish(), clock.monotonic() + timeoutMs, clock)
    this.#hasEnded = true
    this.#stopListening()
    this.#sweep?.cancel()
    for (const { line } of this.#accumulator.topics.values()) line.failAll(clientClosed())
    this.#sender.close(this.#accumulator.queues(), clientClosed())
    await this.#cluster.close()
  }

  /** An abort that fails is made up for by the next producer with the id, or by the timeout. */
  async #finish(): Promise<void> {
    const open = this.#session?.open
    if (this.#session && open) await this.#session.abort(open).catch(ignore)
    else await this.flush()
  }

  #transactionSession(): TransactionSession | null {
    const { transactionalId, transactionTimeoutMs, maxBlockMs } = this.#settings
    if (transactionalId === null) return null
    return new TransactionSession(
      this.#cluster,
      { transactionalId, transactionTimeoutMs, maxBlockMs },
      {
        send: (record) => this.#sendOne(record),
        sendMany: (records) => this.#sendAll(records),
        flush: () => this.flush(),
        discard: (error) => this.#discard(error),
        identify: (identity) => {
          for (const queue of this.#accumulator.queues()) queue.identify(identity)
        },
        wake: (queue) => this.#sender.wake(queue),
        goOn: () => this.#sender.goOn(),
      },
    )
  }

  async #discard(error: RivvenError): Promise<void> {
    for (const { line } of this.#accumulator.topics.values()) line.failAll(error)
    this.#sender.discard(this.#accumulator.queues(), error)
    await Promise.all([...this.#accumulator.outstanding].map(ended))
    this.#sender.admitAgain()
  }

  #mayAppend(topic: ProducerTopic, inLineOf: ProducerTopic | null): boolean {
    if (this.#isClosed && inLineOf === null) throw clientClosed()
    return topic.partitionCount > 0 && this.#accumulator.hasRoom && (topic === inLineOf || topic.line.isEmpty)
  }

  #append(topic: ProducerTopic, record: ProducerRecord): Promise<RecordMetadata> {
    const now = record.timestamp ?? this.#cluster.runtime.clock.now()
    const batch = this.#accumulator.append(topic, record, now)
    return recordAt(batch, batch.count - 1, now)
  }

  async #sendLater(topic: ProducerTopic, record: ProducerRecord): Promise<RecordMetadata> {
    let sent: Promise<RecordMetadata> | null = null
    await this.#waitInLine(topic, () => {
      if (!this.#mayAppend(topic, topic)) return false
      sent = this.#append(topic, record)
      return true
    })
    return sent!
  }

  #waitInLine(topic: ProducerTopic, step: () => boolean): Promise<void> {
    const turn = topic.line.join(step, this.#settings.maxBlockMs)
    if (topic.partitionCount === 0) this.#lookups.begin(topic)
    this.#keepSweeping()
    return turn
  }

  #lookUpAll(records: readonly ProducerRecord[], from: number): void {
    for (let at = from; at < records.length; at++) {
      const topic = this.#accumulator.topic(records[at]!.topic)
      if (topic.partitionCount === 0) this.#lookups.begin(topic)
    }
  }

  #takePartitions(image: ClusterImage): void {
    for (const topic of this.#accumulator.topics.values()) {
      const count = image.topics.get(topic.name)?.partitions.length ?? 0
      if (count === 0 || count === topic.partitionCount) continue
      topic.partitionCount = count
      topic.line.advance()
    }
  }

  #begun(queue: PartitionQueue): void {
    this.#keepSweeping()
    const { lingerMs } = this.#settings
    if (lingerMs <= 0 || this.#sender.isHurried) this.#sender.wake(queue)
    else this.#cluster.runtime.clock.setTimer(lingerMs, () => this.#sender.wake(queue))
  }

  #settled(batch: ProducerBatch): void {
    this.#accumulator.settled(batch)
    if (!this.#accumulator.hasRoom) return
    for (const { line } of this.#accumulator.topics.values()) if (!line.isEmpty) line.advance()
  }

  #wakeAll(): void {
    for (const queue of this.#accumulator.queues()) if (!queue.isEmpty) this.#sender.wake(queue)
  }

  /** Looks for what has waited too long, as long as there is anything that waits. */
  #keepSweeping(): void {
    if (this.#sweep || this.#hasEnded) return
    const { deliveryTimeoutMs, maxBlockMs } = this.#settings
    const pause = Math.min(1000, Math.max(10, Math.min(deliveryTimeoutMs, maxBlockMs) / 10))
    this.#sweep = this.#cluster.runtime.clock.setTimer(pause, () => {
      this.#sweep = null
      const now = this.#cluster.runtime.clock.monotonic()
      const topics = [...this.#accumulator.topics.values()]
      for (const topic of topics) topic.line.expire(now, () => blocked(topic, maxBlockMs))
      this.#sender.expire(this.#accumulator.queues(), now)
      if (this.#accumulator.outstanding.size > 0 || topics.some(({ line }) => !line.isEmpty)) this.#keepSweeping()
    })
  }
}

/** Counts the record that was just appended to the batch. */
function addToPortion(portions: Portion[], batch: ProducerBatch): void {
  const last = batch.portion
  if (last !== null && last.owner === portions) {
    last.count++
    return
  }
  const portion = { owner: portions, batch, firstIndex: batch.count - 1, count: 1 }
  batch.portion = portion
  portions.push(portion)
}

function blocked({ name, partitionCount }: ProducerTopic, maxBlockMs: number): RivvenError {
  const facts = { topic: name }
  if (partitionCount === 0) {
    const text = `Nothing was learnt about topic ${name} within ${maxBlockMs} ms.`
    return new RivvenError('TIMED_OUT', text, {
      retriable: true,
      hint: 'Check whether its brokers can be reached.',
      facts,
    })
  }
  const text = `Records for ${name} could not be taken within ${maxBlockMs} ms: the memory for records is full.`
  const hint = 'Send slower, raise bufferMemory, or check whether the brokers keep up.'
  return new RivvenError('BUFFER_FULL', text, { retriable: true, hint, facts })
}

function ignore(): void {
  // Nothing is left to do about it.
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
