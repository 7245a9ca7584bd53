import type { Clock } from '@rivven/runtime'
import type { OwnStorage } from '../own-storage.js'
import type { PartitionKey, PartitionStore, StoreOwner } from '../storage.js'
import { MemoryStore } from './memory-store.js'

/** Everything in this process: gone with it, but it survives a LogStore that is closed and opened again. */
export class MemoryStorage implements OwnStorage {
  private readonly clock: Clock
  private readonly stores = new Map<string, MemoryStore>()
  private readonly documents = new Map<string, Buffer>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  async openPartition(partition: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore> {
    return this.open(partition, term, owner)
  }

  holds(partition: PartitionKey): boolean {
    return this.stores.has(nameOf(partition))
  }

  openNew(partition: PartitionKey, term: number, owner: StoreOwner): PartitionStore | undefined {
    return this.holds(partition) ? undefined : this.open(partition, term, owner)
  }

  onNotice(): void {
    // Memory is not damaged.
  }

  async removePartition(partition: PartitionKey): Promise<void> {
    this.stores.delete(nameOf(partition))
  }

  setAsidePartition(partition: PartitionKey): Promise<void> {
    return this.removePartition(partition)
  }

  async listPartitions(): Promise<PartitionKey[]> {
    return [...this.stores.values()].map(({ partition }) => partition)
  }

  async readDocument(name: string): Promise<Buffer | undefined> {
    return this.documents.get(name)
  }

  async writeDocument(name: string, content: Uint8Array): Promise<void> {
    this.documents.set(name, Buffer.from(content))
  }

  async hasRoom(): Promise<boolean> {
    return true
  }

  async putRoomBy(): Promise<void> {
    // Memory has no place for that.
  }

  async close(): Promise<void> {
    return undefined
  }

  private open(partition: PartitionKey, term: number, owner: StoreOwner): PartitionStore {
    const name = nameOf(partition)
    const store = this.stores.get(name) ?? new MemoryStore(partition, this.clock)
    this.stores.set(name, store)
    store.open(term, owner)
    return store
  }
}

function nameOf({ topicId, partition }: PartitionKey): string {
  return `${topicId}-${partition}`
}
