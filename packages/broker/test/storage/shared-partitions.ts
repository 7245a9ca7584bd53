import type { Clock } from '@rivven/runtime'
import { internalTopics } from '../../src/catalog/topic-name.js'
import type { Database, Incarnation } from '../../src/database/database.js'
import type { ChunkRow, PartitionRow } from '../../src/database/metadata.js'
import type { OwnStorage } from '../../src/storage/own-storage.js'
import { SharedStorage, type SharedStorageOptions } from '../../src/storage/shared/shared-storage.js'
import type { PartitionKey, PartitionStore, StoreOwner } from '../../src/storage/storage.js'

const LEASE_MS = 1_000_000_000

/**
 * Shared storage of one broker that leads what it opens: it makes partitions that are not there, and gives itself their next epoch.
 * Everything else a cluster does.
 */
export class SharedPartitions extends SharedStorage implements OwnStorage {
  private readonly database: Database
  private readonly me: Incarnation
  private readonly rows: Map<string, PartitionRow>
  private readonly keys = new Map<string, PartitionKey>()
  private readonly chunks: readonly ChunkRow[]

  /** One life more of broker 1; what was there before is still there. */
  static async open(
    database: Database,
    clock: Clock,
    limits: Partial<SharedStorageOptions> = {},
  ): Promise<SharedPartitions> {
    const entry = { brokerId: 1, addresses: new Map(), rack: null, software: '1', isDraining: false, leaseMs: LEASE_MS }
    const registration = await database.members.register(entry)
    if (registration === 'taken') throw new Error('Broker 1 is there already.')
    const { partitions, chunks } = await database.metadata.changesSince(0)
    const rows = new Map(partitions.map((row) => [nameOf(row.topicId, row.index), row]))
    return new SharedPartitions(database, clock, { me: registration.me, rows, chunks }, limits)
  }

  private constructor(
    database: Database,
    clock: Clock,
    { me, rows, chunks }: { me: Incarnation; rows: Map<string, PartitionRow>; chunks: readonly ChunkRow[] },
    limits: Partial<SharedStorageOptions>,
  ) {
    const places = {
      partIdOf: (key: PartitionKey) => rows.get(keyName(key))!.partId,
      currentChunk: () => chunks.find(({ keep, isClosed }) => keep === '10d' && !isClosed)!.chunk,
      chunk: (id: number) => chunks.find(({ chunk }) => chunk === id),
    }
    super({ database, clock, places, isInternal: (topic) => internalTopics.has(topic), ...limits })
    this.database = database
    this.me = me
    this.rows = rows
    this.chunks = chunks
  }

  /** The open chunk that new segments go to. */
  get chunk(): number {
    return this.chunks.find(({ keep, isClosed }) => keep === '10d' && !isClosed)!.chunk
  }

  override async openPartition(partition: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore> {
    await this.lead(partition, term)
    return super.openPartition(partition, term, owner)
  }

  /** Its epoch rises until it is this one. */
  async lead(partition: PartitionKey, term: number): Promise<number> {
    const name = keyName(partition)
    this.keys.set(name, partition)
    let row = this.rows.get(name) ?? (await this.make(partition))
    while (row.epoch < term) {
      const move = { partId: row.partId, epoch: row.epoch, target: this.me.brokerId }
      const { partitions } = await this.database.members.assign(this.me, [move])
      if (partitions.length === 0) throw new Error(`${name} is led by somebody else.`)
      row = partitions[0]!
    }
    this.rows.set(name, row)
    return row.partId
  }

  override async removePartition({ topicId }: PartitionKey): Promise<void> {
    await this.database.metadata.deleteTopics([topicId])
  }

  setAsidePartition(partition: PartitionKey): Promise<void> {
    return this.removePartition(partition)
  }

  async listPartitions(): Promise<PartitionKey[]> {
    return [...this.keys.values()]
  }

  async readDocument(name: string): Promise<Buffer | undefined> {
    const { documents } = await this.database.metadata.changesSince(0)
    return documents.find((document) => document.name === name)?.content
  }

  async writeDocument(name: string, content: Uint8Array): Promise<void> {
    const { documents } = await this.database.metadata.changesSince(0)
    const expected = documents.find((document) => document.name === name)?.changed ?? 0
    await this.database.metadata.replaceDocument(name, expected, Buffer.from(content))
  }

  private async make({ topic, topicId, partition }: PartitionKey): Promise<PartitionRow> {
    const leaders = Array.from({ length: partition + 1 }, () => this.me.brokerId)
    const row = { topicId, name: topic, configs: new Map(), replicationFactor: 1, keep: '10d' as const, leaders }
    await this.database.metadata.createTopics([row])
    const { partitions } = await this.database.metadata.changesSince(0)
    return partitions.find((made) => made.topicId === topicId && made.index === partition)!
  }
}

function keyName({ topicId, partition }: PartitionKey): string {
  return nameOf(topicId, partition)
}

function nameOf(topicId: string, partition: number): string {
  return `${topicId}-${partition}`
}
