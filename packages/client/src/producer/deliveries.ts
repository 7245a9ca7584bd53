import { isDoneBy, RivvenError } from '@rivven/link'
import type { Timer } from '@rivven/runtime'
import { sends } from '../diagnostics/channels.js'
import type { ProducerMetrics } from '../diagnostics/metrics.js'
import { clientClosed } from '../net/broker-links.js'
import type { Cluster } from '../net/cluster.js'
import { Accumulator, type ProducerTopic } from './accumulator.js'
import { ended } from './delivery.js'
import { DeliveryCounts } from './delivery-counts.js'
import { Intake } from './intake.js'
import type { PartitionQueue, ProducerIdentity } from './partition-queue.js'
import type { ProducerBatch } from './producer-batch.js'
import type { ProducerSettings } from './producer-options.js'
import type { AppendedRange, ProducerRecord, RecordMetadata } from './record.js'
import { Sender } from './sender.js'
import { TopicLookups } from './topic-lookups.js'
import { TracedSends } from './traced-sends.js'
import { type TransactionalProducer, TransactionSession } from './transactions/transaction-session.js'

/** The way of records from their call to their acknowledgement, and how long each part of it may take. */
export class Deliveries implements TransactionalProducer {
  /** Whose transactions the records are sent in; null when there are none. */
  readonly session: TransactionSession | null
  readonly #cluster: Cluster
  readonly #settings: ProducerSettings
  readonly #accumulator: Accumulator
  readonly #intake: Intake
  readonly #sender: Sender
  readonly #lookups: TopicLookups
  readonly #traced: TracedSends
  readonly #counts = new DeliveryCounts()
  readonly #stopListening: () => void
  #sweep: Timer | null = null
  #hasEnded = false

  constructor(cluster: Cluster, settings: ProducerSettings) {
    this.#cluster = cluster
    this.#settings = settings
    const { transactionalId } = settings
    this.#traced = new TracedSends(cluster, transactionalId)
    this.session =
      transactionalId === null ? null : new TransactionSession(cluster, { ...settings, transactionalId }, this)
    const events = {
      settled: (batch: ProducerBatch) => this.#settled(batch),
      split: (parts: readonly ProducerBatch[]) => this.#accumulator.adopt(parts),
    }
    this.#sender = new Sender(cluster, settings, events, this.session ?? undefined)
    this.#accumulator = new Accumulator(settings, cluster.runtime, {
      ready: (queue) => this.#sender.wake(queue),
      begun: (queue) => this.#begun(queue),
      outstands: () => cluster.calls.begin(),
      ended: () => cluster.calls.end(),
      hasLeader: (topic, partition) => cluster.leaderOf(topic, partition) !== undefined,
    })
    this.#lookups = new TopicLookups(cluster, settings, (image) => this.#intake.takePartitions(image))
    this.#intake = new Intake({
      runtime: cluster.runtime,
      calls: cluster.calls,
      accumulator: this.#accumulator,
      lookups: this.#lookups,
      maxBlockMs: settings.maxBlockMs,
      waits: () => this.#keepSweeping(),
    })
    this.#stopListening = cluster.onImage((image) => this.#intake.takePartitions(image))
  }

  get metrics(): ProducerMetrics {
    return { ...this.#cluster.metrics, ...this.#counts.soFar, bufferedBytes: this.#accumulator.buffered }
  }

  send(record: ProducerRecord): Promise<RecordMetadata> {
    if (sends.isHeard) return this.#traced.one(record, (copy) => this.#intake.send(copy))
    return this.#intake.send(record)
  }

  sendMany(records: readonly ProducerRecord[]): Promise<AppendedRange[]> {
    if (sends.isHeard) return this.#traced.many(records, (copies) => this.#intake.sendMany(copies))
    return this.#intake.sendMany(records)
  }

  /** Sends what waits, without lingering; resolves when all records that were sent before have ended, well or not. */
  async flush(): Promise<void> {
    this.#sender.hurry(true)
    this.#wakeAll()
    await this.#intake.served()
    this.#wakeAll()
    await this.#allEnded()
    this.#sender.hurry(false)
  }

  async discard(error: RivvenError): Promise<void> {
    this.#intake.failAll(error)
    this.#sender.discard(this.#accumulator.queues(), error)
    await this.#allEnded()
    this.#sender.admitAgain()
  }

  identify(identity: ProducerIdentity): void {
    for (const queue of this.#accumulator.queues()) queue.identify(identity)
  }

  wake(queue: PartitionQueue): void {
    this.#sender.wake(queue)
  }

  goOn(): void {
    this.#sender.goOn()
  }

  /** Takes nothing more; what is there has `timeoutMs` to end well. An open transaction is aborted. */
  async close(timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster.runtime
    this.#intake.close()
    this.#lookups.hurry()
    await isDoneBy(this.#finish(), clock.monotonic() + timeoutMs, clock)
    this.#hasEnded = true
    this.#stopListening()
    this.#sweep?.cancel()
    this.#intake.failAll(clientClosed())
    this.#sender.close(this.#accumulator.queues())
  }

  /** An abort that fails is made up for by the next producer with the id, or by the timeout. */
  async #finish(): Promise<void> {
    const open = this.session?.open
    if (this.session && open) await this.#cluster.whileReached(this.session.abort(open)).catch(ignore)
    else await this.flush()
  }

  async #allEnded(): Promise<void> {
    await Promise.all([...this.#accumulator.outstanding].map(ended))
  }

  #begun(queue: PartitionQueue): void {
    this.#keepSweeping()
    const { lingerMs } = this.#settings
    if (lingerMs <= 0 || this.#sender.isHurried) this.#sender.wake(queue)
    else this.#cluster.runtime.clock.setTimer(lingerMs, () => this.#sender.wake(queue))
  }

  #settled(batch: ProducerBatch): void {
    if (this.#accumulator.settled(batch)) this.#counts.settled(batch, this.#cluster.runtime.clock.monotonic())
    this.#intake.advance()
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
      this.#intake.expire(now, (topic) => blocked(topic, maxBlockMs, this.#cluster.trouble))
      this.#sender.expire(this.#accumulator.queues(), now)
      if (this.#accumulator.outstanding.size > 0 || !this.#intake.isEmpty) this.#keepSweeping()
    })
  }
}

function blocked(
  { name, partitionCount }: ProducerTopic,
  maxBlockMs: number,
  trouble: RivvenError | null,
): RivvenError {
  const facts = { topic: name }
  if (partitionCount === 0) {
    const text = `Nothing was learnt about topic ${name} within ${maxBlockMs} ms.`
    const hint = trouble?.message ?? 'Check whether its brokers can be reached.'
    return new RivvenError('TIMED_OUT', text, { retriable: true, hint, cause: trouble ?? undefined, facts })
  }
  const text = `Records for ${name} could not be taken within ${maxBlockMs} ms: the memory for records is full.`
  const hint = 'Send slower, raise bufferMemory, or check whether the brokers keep up.'
  return new RivvenError('BUFFER_FULL', text, { retriable: true, hint, facts })
}

function ignore(): void {
  // Nothing is left to do about it.
}
