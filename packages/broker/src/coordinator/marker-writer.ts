import { buildControlBatch, ErrorCode } from '@rivven/protocol'
import type { Runtime, Timer } from '@rivven/runtime'
import type { TopicPartitions, WriteMarkers } from '@rivven/transactions'
import type { Logger } from 'pino'
import type { Catalog } from '../catalog/catalog.js'
import type { Logs } from '../log/logs.js'
import type { Coordinator } from './coordinator.js'
import { offsetsTopic } from './offsets-topic.js'

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

  /** Writes to all partitions; `written` is told of each that has its marker or needs none any more. */
  writeAll(
    effect: WriteMarkers,
    coordinatorEpoch: number,
    written: (partitions: readonly TopicPartitions[]) => void,
  ): void {
    for (const { topic, partitions } of effect.partitions) {
      for (const partition of partitions) {
        const done = () => written([{ topic, partitions: [partition] }])
        void this.#writeUntilDone({ ...effect, coordinatorEpoch }, topic, partition, done)
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

  async #writeUntilDone(marker: Marker, topic: string, partition: number, done: () => void): Promise<void> {
    if (this.#isClosed) return
    const errorCode = await this.write(marker, topic, partition)
    if (errorCode === ErrorCode.NONE || this.#isGone(topic, partition)) return done()
    if (errorCode === ErrorCode.INVALID_PRODUCER_EPOCH || errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED) {
      // Somebody newer has ended the transaction here.
      this.#options.log.warn({ topic, partition, marker, errorCode }, 'a transaction marker came too late')
      return done()
    }
    if (this.#isClosed) return
    const timer = this.#options.runtime.clock.setTimer(retryMs, () => {
      this.#retries.delete(timer)
      void this.#writeUntilDone(marker, topic, partition, done)
    })
    this.#retries.add(timer)
  }

  /** Only what the catalog does not have was deleted; a log that is not there may just not be open. */
  #isGone(topic: string, partition: number): boolean {
    const found = this.#options.catalog.topic(topic)
    return !found || partition >= found.partitionCount
  }
}
