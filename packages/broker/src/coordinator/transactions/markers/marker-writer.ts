import { ErrorCode } from '@rivven/protocol'
import type { Runtime, Timer } from '@rivven/runtime'
import type { TopicPartitions, WriteMarkers } from '@rivven/transactions'
import type { Logger } from 'pino'
import type { Catalog } from '../../../catalog/catalog.js'
import type { Cluster } from '../../../cluster/cluster.js'
import { leaderOf } from '../../../cluster/image.js'
import type { PartitionFinder } from '../../../cluster/partition-finder.js'
import type { Peers } from '../../../cluster/peers/peers.js'
import type { Coordinator } from '../../groups/coordinator.js'
import { LedMarkers } from './led-markers.js'
import type { Marker, MarkerTaker } from './marker.js'
import { PeerMarkers } from './peer-markers.js'

export interface MarkerWriterOptions {
  readonly runtime: Runtime
  readonly catalog: Catalog
  readonly cluster: Pick<Cluster, 'brokerId' | 'image' | 'isServing'>
  readonly partitions: PartitionFinder
  readonly peers: Peers
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

/**
 * Brings markers into the partitions of a transaction, each again and again until it is there (transactions.md §10): always by
 * whoever leads the partition then.
 */
export class MarkerWriter {
  /** Into partitions that this broker leads. */
  readonly led: LedMarkers
  readonly #options: MarkerWriterOptions
  readonly #elsewhere: PeerMarkers
  readonly #retries = new Set<Timer>()
  #isClosed = false
  #hasToldRefusal = false

  constructor(options: MarkerWriterOptions) {
    const { runtime, partitions, coordinator, peers } = options
    this.#options = options
    this.led = new LedMarkers({ clock: runtime.clock, partitions, coordinator })
    this.#elsewhere = new PeerMarkers(peers)
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

  /**
   * Nobody must write a marker twice once the next transaction may have begun: it would end that one. So an attempt is
   * made only while its asker waits.
   */
  async #writeUntilDone(marker: Marker, topic: string, partition: number, asker: MarkerAsker): Promise<void> {
    if (this.#isClosed || !asker.isWaiting(topic, partition)) return
    const taker = this.#takerOf(topic, partition)
    const errorCode = await this.#attempt(taker, marker, topic, partition)
    if (taker && errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED) {
      const raised = await this.#raised(taker, marker, topic, partition)
      if (raised.coordinatorEpoch > marker.coordinatorEpoch) {
        return this.#writeUntilDone(raised, topic, partition, asker)
      }
    }
    if (errorCode === ErrorCode.INVALID_PRODUCER_EPOCH) {
      // An operator has ended it with a higher epoch: what is open here now, if anything, is no more of this transaction.
      this.#options.log.warn({ topic, partition, marker, errorCode }, 'a transaction marker came too late')
    }
    if (errorCode === ErrorCode.CLUSTER_AUTHORIZATION_FAILED) this.#tellRefusal(topic, partition)
    const isDone = errorCode === ErrorCode.NONE || errorCode === ErrorCode.INVALID_PRODUCER_EPOCH
    if (isDone || this.#isGone(topic, partition)) return asker.written([{ topic, partitions: [partition] }])
    if (!this.#isClosed) this.#retryLater(() => this.#writeUntilDone(marker, topic, partition, asker))
  }

  /** Whoever leads the partition now; undefined while nobody does. */
  #takerOf(topic: string, partition: number): MarkerTaker | undefined {
    if (this.led.leads(topic, partition)) return this.led
    const { cluster } = this.#options
    const leader = leaderOf(cluster.image, topic, partition)?.leader ?? null
    if (leader === null) return undefined
    return leader === cluster.brokerId ? this.led : this.#elsewhere.at(leader)
  }

  #retryLater(retry: () => Promise<void>): void {
    const timer = this.#options.runtime.clock.setTimer(retryMs, () => {
      this.#retries.delete(timer)
      void retry()
    })
    this.#retries.add(timer)
  }

  async #attempt(taker: MarkerTaker | undefined, marker: Marker, topic: string, partition: number): Promise<number> {
    if (!taker) return ErrorCode.LEADER_NOT_AVAILABLE
    try {
      return await taker.write(marker, topic, partition)
    } catch (error) {
      this.#options.log.error({ topic, partition, marker, error }, 'a transaction marker could not be written')
      return ErrorCode.UNKNOWN_SERVER_ERROR
    }
  }

  /**
   * As long as this broker serves, nobody else coordinates the transaction: a higher coordinator epoch is that of an operator's
   * marker. The producer may have written there again since: without our marker the last stable offset would stand still
   * for ever.
   */
  async #raised(taker: MarkerTaker, marker: Marker, topic: string, partition: number): Promise<Marker> {
    const known = await taker.coordinatorEpochOf(marker.producerId, topic, partition)
    if (!this.#options.cluster.isServing) return marker
    return { ...marker, coordinatorEpoch: Math.max(marker.coordinatorEpoch, known) }
  }

  /** Nobody but an operator can mend that, and it is so for all markers: told once. */
  #tellRefusal(topic: string, partition: number): void {
    if (this.#hasToldRefusal) return
    this.#hasToldRefusal = true
    const text =
      'another broker takes no markers from this one, and transactions do not end: its user needs CLUSTER_ACTION'
    this.#options.log.error({ topic, partition }, text)
  }

  /** Only what the catalog does not have was deleted; a log that is not there may just not be open. */
  #isGone(topic: string, partition: number): boolean {
    const found = this.#options.catalog.topic(topic)
    return !found || partition >= found.partitionCount
  }
}
