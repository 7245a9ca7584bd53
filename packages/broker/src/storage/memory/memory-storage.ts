import { type Clock, nodeClock } from '@rivven/runtime'
import type { PartitionKey, PartitionStore, Storage, StoreOwner } from '../storage.js'
import { type MemoryPartition, MemoryStore } from './memory-store.js'

/** Keeps everything in this process: for tests, and for `rivvend --memory`. What is closed can be opened again. */
export function memoryStorage(clock: Clock = nodeClock): Storage {
  return new MemoryStorage(clock)
}

class MemoryStorage implements Storage {
  private readonly clock: Clock
  private readonly partitions = new Map<string, MemoryPartition>()
  private readonly documents = new Map<string, Buffer>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  async openPartition(key: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore> {
    const name = nameOf(key)
    let kept = this.partitions.get(name)
    if (kept === undefined) {
      kept = { key, term, segments: [], startOffset: 0, endOffset: 0, state: undefined, stateOffset: 0 }
      this.partitions.set(name, kept)
    }
    if (kept.term > term) throw new Error(`${key.topic}-${key.partition} has a leader of term ${kept.term}.`)
    kept.term = term
    return new MemoryStore(kept, owner, this.clock)
  }

  async removePartition(key: PartitionKey): Promise<void> {
    this.partitions.delete(nameOf(key))
  }

  async listPartitions(): Promise<PartitionKey[]> {
    return [...this.partitions.values()].map(({ key }) => key)
  }

  async readDocument(name: string): Promise<Buffer | undefined> {
    return this.documents.get(name)
  }

  async writeDocument(name: string, content: Uint8Array): Promise<void> {
    this.documents.set(name, Buffer.from(content))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function nameOf({ topicId, partition }: PartitionKey): string {
  return `${topicId}-${partition}`
}
