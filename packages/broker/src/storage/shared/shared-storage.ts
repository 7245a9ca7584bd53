import type { Clock } from '@rivven/runtime'
import type { Database } from '../../database/database.js'
import { Slots } from '../../slots.js'
import type { PartitionKey, PartitionStore, Storage, StoreOwner } from '../storage.js'
import { TailCache } from '../tail-cache.js'
import { TermOverError } from '../term-over-error.js'
import { Lane } from './lane.js'
import { loadSegments } from './load-partition.js'
import { Loader } from './loader.js'
import { observedTables } from './observed-tables.js'
import { ReadAhead } from './read-ahead.js'
import { SegmentIds } from './segment-ids.js'
import type { Places, SharedContext } from './shared-context.js'
import { SharedStore } from './shared-store.js'
import { StorageFigures } from './storage-figures.js'

export interface SharedStorageOptions {
  readonly database: Database
  readonly clock: Clock
  readonly places: Places
  /** Topics of the broker itself: what they hold never waits behind megabytes of others. */
  readonly isInternal: (topic: string) => boolean
  /** Lanes for all other topics (storage_connections). Default 4. */
  readonly lanes?: number
  /** Newest batches kept in memory, over all partitions (tail_cache_bytes). Default 128 MiB. */
  readonly tailCacheBytes?: number
  /** So much may wait to be stored (storage_queue_max_bytes). Default 64 MiB. */
  readonly queueMaxBytes?: number
}

/** So many partitions are read at a time, of those that are being opened. */
const READ_AT_ONCE = 16

/** What several brokers store in one database, as one of them: each partition is written by whoever has its newest epoch. */
export class SharedStorage implements Storage {
  readonly figures: StorageFigures
  readonly #context: SharedContext
  readonly #reading = new Slots(READ_AT_ONCE)

  constructor(options: SharedStorageOptions) {
    const { database, clock, places, tailCacheBytes = 134_217_728, queueMaxBytes = 67_108_864 } = options
    const backlog = { bytes: 0 }
    this.figures = new StorageFigures(clock, backlog)
    const tables = observedTables(database.logs, this.figures, clock)
    const ids = new SegmentIds((count) => database.metadata.takeIds('segment', count))
    const lane = () => new Lane({ tables, ids, clock })
    const lanes = Array.from({ length: options.lanes ?? 4 }, lane)
    const internal = lane()
    this.#context = {
      ...{ tables, places, clock, ids, queueMaxBytes, backlog },
      tails: new TailCache(tailCacheBytes),
      ahead: new ReadAhead(clock),
      loader: new Loader(tables, clock),
      // In one lane a partition's statements are in order.
      laneOf: ({ topic }, partId) => (options.isInternal(topic) ? internal : lanes[partId % lanes.length]!),
    }
  }

  /** @throws TermOverError */
  async openPartition(partition: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore> {
    const { places, loader, tables, clock } = this.#context
    const id = { partId: places.partIdOf(partition), epoch: term }
    const isOver = loader.patience()
    const loaded = await loader.load(id)
    if (loaded === undefined) throw new TermOverError(partition, term)
    const segments = await this.#reading.run(() => loadSegments({ tables, clock, isOver }, loaded, owner))
    return new SharedStore(this.#context, { partition, term: id, owner, loaded: segments, isGivenUp: isOver })
  }

  /** It may have been written to by others. */
  holds(): boolean {
    return true
  }

  openNew(): undefined {
    return undefined
  }

  onNotice(): void {
    // The database sees to what is damaged.
  }

  /** All of it went when the topic was deleted. */
  async removePartition(_partition: PartitionKey): Promise<void> {
    return undefined
  }

  async hasRoom(): Promise<boolean> {
    return true
  }

  async putRoomBy(): Promise<void> {
    // What deletes needs no room of ours.
  }

  /** All that is led here is lost, or left: nothing that was opened, or is being opened, is waited for through an outage. */
  giveUp(): void {
    this.#context.loader.giveUp()
  }

  /** The lease is lost: a database that was restored may give the same ids to others. */
  forgetIds(): void {
    this.#context.ids.forget()
  }

  async close(): Promise<void> {
    this.giveUp()
  }
}
