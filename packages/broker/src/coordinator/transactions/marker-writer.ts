import { buildControlBatch, ErrorCode } from '@rivven/protocol'
import type { Runtime, Timer } from '@rivven/runtime'
import type { TopicPartitions, WriteMarkers } from '@rivven/transactions'
import type { Logger } from 'pino'
import type { Catalog } from '../../catalog/catalog.js'
import type { Logs } from '../../log/logs.js'
import type { Coordinator } from '../groups/coordinator.js'
import { offsetsTopic } from '../groups/offsets-topic.js'

/** The end of a transaction as it is written into one partition. */
export interface Marker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed: boolean
  readonly coordinatorEpoch: number
  readonly transactionVersion: number
}

export interface MarkerWriterOptions {
  readonly runtime: Runtime
  readonly catalog: Catalog
  readonly logs: Logs
  /** Of groups: their offsets follow the marker. */
  readonly coordinator: Coordinator
  readonly log: Logger
}

/** Who asked for markers. */
export interface MarkerAsker {
  /** Told of each partition that has its marker, or needs none any more. */
  written(partitions: readonly TopicPartitions[]): void
  /**
   * False when the partition has its marker by another attempt, or others go on with it: the shard was loaded again and
   * asks for all that are missing by itself.
   */
  isWaiting(topic: string, partition: number): boolean
}

const retryMs = 100

/** Brings markers into the partitions of a transaction, each again and again until it is there (transactions.md §10). */
export class MarkerWriter {
  readonly #options: MarkerWriterOptions
  readonly #retries = new Set<Timer>()
  #isClosed = false

  constructor(options: MarkerWriterOptions) {
    this.#options = options
  }

  /** No further attempts: the next start asks for what is missing. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#retries) timer.cancel()
    this.#retries.clear()
  }

  /** Writes to all partitions. */
  writeAll(effect: WriteMarkers, coordinatorEpoch: number, asker: MarkerAsker): void {
    for (const { topic, partitions } of effect.partitions) {
      for (const partition of partitions) {
        void this.#writeUntilDone({ ...effect, coordinatorEpoch }, topic, partition, asker)
      }
    }
  }

  /** One attempt; resolves when the marker is durable. */
  async write(marker: Marker, topic: string, partition: number): Promise<number> {
    const { logs, coordinator, runtime } = this.#options
    if (topic === offsetsTopic) return coordinator.endTransaction(partition, marker)
    const log = logs.get(topic, partition)
    if (!log) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const type = marker.committed ? 'COMMIT' : 'ABORT'
    const batch = buildControlBatch({ ...marker, type, timestamp: runtime.clock.now() })
    const options = { acks: -1, origin: 'coordinator', transactionVersion: marker.transactionVersion } as const
    return (await log.append(batch, options)).errorCode
  }

  /**
   * Nobody must write a marker twice once the next transaction may have begun: it would end that one. So an attempt is
   * made only while its asker waits.
   */
  async #writeUntilDone(marker: Marker, topic: string, partition: number, asker: MarkerAsker): Promise<void> {
    if (this.#isClosed || !asker.isWaiting(topic, partition)) return
    const errorCode = await this.#attempt(marker, topic, partition)
    if (errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED) {
      const raised = this.#raised(marker, topic, partition)
      if (raised.coordinatorEpoch > marker.coordinatorEpoch) {
        return this.#writeUntilDone(raised, topic, partition, asker)
      }
    }
    if (errorCode === ErrorCode.INVALID_PRODUCER_EPOCH) {
      // An operator has ended it with a higher epoch: what is open here now, if anything, is no more of this transaction.
      this.#options.log.warn({ topic, partition, marker, errorCode }, 'a transaction marker came too late')
    }
    const isDone = errorCode === ErrorCode.NONE || errorCode === ErrorCode.INVALID_PRODUCER_EPOCH
    if (isDone || this.#isGone(topic, partition)) return asker.written([{ topic, partitions: [partition] }])
    if (!this.#isClosed) this.#retryLater(() => this.#writeUntilDone(marker, topic, partition, asker))
  }

  #retryLater(retry: () => Promise<void>): void {
    const timer = this.#options.runtime.clock.setTimer(retryMs, () => {
      this.#retries.delete(timer)
      void retry()
    })
    this.#retries.add(timer)
  }

  async #attempt(marker: Marker, topic: string, partition: number): Promise<number> {
    try {
      return await this.write(marker, topic, partition)
    } catch (error) {
      this.#options.log.error({ topic, partition, marker, error }, 'a transaction marker could not be written')
      return ErrorCode.UNKNOWN_SERVER_ERROR
    }
  }

  /**
   * This broker is the only coordinator, so a higher coordinator epoch is that of an operator's marker. The producer may
   * have written here again since: without our marker the last stable offset would stand still for ever.
   */
  #raised(marker: Marker, topic: string, partition: number): Marker {
    const known = this.#options.logs.get(topic, partition)?.producers.producers.get(marker.producerId)
    return { ...marker, coordinatorEpoch: Math.max(marker.coordinatorEpoch, known?.coordinatorEpoch ?? -1) }
  }

  /** Only what the catalog does not have was deleted; a log that is not there may just not be open. */
  #isGone(topic: string, partition: number): boolean {
    const found = this.#options.catalog.topic(topic)
    return !found || partition >= found.partitionCount
  }
}
