import type { Incarnation } from '../../../src/database/database.js'
import { MemoryServer } from '../../../src/database/memory/memory-server.js'
import { nothingBetween, type Wire } from '../../../src/database/memory/wire.js'
import type { ChunkRow, PartitionRow } from '../../../src/database/metadata.js'
import { SharedStorage, type SharedStorageOptions } from '../../../src/storage/shared/shared-storage.js'
import type { PartitionKey, PartitionStore } from '../../../src/storage/storage.js'
import { StillClock } from '../../log/log-fixture.js'
import { Recorder } from '../stored-partition.js'

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

export interface OpenPartition {
  readonly store: PartitionStore
  readonly owner: Recorder
}

/** Brokers 1 and 2 over one database; each partition of one topic is led by whom `move` says, at first by broker 1. */
export class TwoBrokers {
  readonly clock = new StillClock()
  readonly server = new MemoryServer({ clock: this.clock, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' })
  readonly #database = this.server.connect()
  #chunks: readonly ChunkRow[] = []
  #rows: readonly PartitionRow[] = []

  static async start(partitions = 1): Promise<TwoBrokers> {
    const brokers = new TwoBrokers()
    await brokers.#begin(partitions)
    return brokers
  }

  /** The storage of a broker, behind a wire. */
  storage(wire: Wire = nothingBetween, limits: Partial<SharedStorageOptions> = {}): SharedStorage {
    const places = {
      partIdOf: ({ partition }: PartitionKey) => this.#rows[partition]!.partId,
      currentChunk: () => this.currentChunk,
      chunk: (id: number) => this.#chunks.find(({ chunk }) => chunk === id),
    }
    const database = this.server.connect(wire)
    const all = { database, clock: this.clock, places, isInternal: () => false, lanes: 1, tailCacheBytes: 0 }
    return new SharedStorage({ ...all, ...limits })
  }

  get currentChunk(): number {
    return this.#chunks.find(({ keep, isClosed }) => keep === '10d' && !isClosed)!.chunk
  }

  /** Opens a partition in the epoch that it has. */
  async open(storage: SharedStorage, partition = 0): Promise<OpenPartition> {
    await this.look()
    const owner = new Recorder()
    const key = { topic: 'orders', topicId: TOPIC_ID, partition }
    return { owner, store: await storage.openPartition(key, this.#rows[partition]!.epoch, owner) }
  }

  /** The leader gives a partition to a broker. */
  async move(partition: number, target: number): Promise<void> {
    await this.look()
    const { partId, epoch, leader, incarnation } = this.#rows[partition]!
    const me: Incarnation = { brokerId: leader!, incarnation }
    const { partitions } = await this.#database.members.assign(me, [{ partId, epoch, target }])
    if (partitions.length === 0) throw new Error(`Partition ${partition} was not moved.`)
  }

  /** Closes chunks and removes what is due. */
  async sweep(): Promise<void> {
    await this.#database.logs.sweep()
    await this.look()
  }

  /** Takes in what was changed, as a broker's image does. */
  async look(): Promise<void> {
    const { chunks, partitions } = await this.#database.metadata.changesSince(0)
    this.#chunks = chunks
    this.#rows = partitions.toSorted((a, b) => a.index - b.index)
  }

  /** The topic is deleted, and made with one partition. Answers its id. */
  async makeAgain(): Promise<string> {
    await this.#database.metadata.deleteTopics([TOPIC_ID])
    const topicId = 'BBBBBBBBBBBBBBBBBBBBBQ'
    await this.#create(topicId, 1)
    return topicId
  }

  async #begin(count: number): Promise<void> {
    const { members } = this.#database
    for (const brokerId of [1, 2]) {
      const entry = { brokerId, addresses: new Map(), rack: null, software: '1', isDraining: false, leaseMs: 1e12 }
      await members.register(entry)
    }
    await this.#create(TOPIC_ID, count)
  }

  async #create(topicId: string, count: number): Promise<void> {
    const leaders = Array.from({ length: count }, () => 1)
    const topic = { topicId, name: 'orders', configs: new Map(), replicationFactor: 1, keep: '10d' as const }
    await this.#database.metadata.createTopics([{ ...topic, leaders }])
    await this.look()
  }
}
