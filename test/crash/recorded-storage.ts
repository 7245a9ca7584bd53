import { memoryStorage, type OwnStorage } from '@rivven/broker'
import { nodeRuntime } from '@rivven/runtime'

/** One batch that was appended to a partition. */
export interface Write {
  readonly partition: Parameters<OwnStorage['openPartition']>[0]
  readonly batch: Buffer
}

type PartitionStore = Awaited<ReturnType<OwnStorage['openPartition']>>

const runtime = nodeRuntime()
const ignored = () => undefined
const nobody = { restore: ignored, replay: ignored, written: ignored, durable: ignored, failed: ignored }

/** Remembers what a broker stores, in order, so that brokers can be started with any part of it. */
export class RecordedStorage {
  readonly storage: OwnStorage = memoryStorage(runtime)
  readonly writes: Write[] = []
  readonly #documents = new Map<string, Uint8Array>()

  constructor() {
    const { storage } = this
    const openPartition = storage.openPartition.bind(storage)
    storage.openPartition = async (partition, term, owner) => {
      const store = await openPartition(partition, term, owner)
      this.#record(partition, store)
      return store
    }
    const openNew = storage.openNew.bind(storage)
    storage.openNew = (partition, term, owner) => {
      const store = openNew(partition, term, owner)
      if (store) this.#record(partition, store)
      return store
    }
    const writeDocument = storage.writeDocument.bind(storage)
    storage.writeDocument = (name, content) => {
      this.#documents.set(name, content)
      return writeDocument(name, content)
    }
  }

  #record(partition: Write['partition'], store: PartitionStore): void {
    const append = store.append.bind(store)
    store.append = (batch, wantsDurable) => {
      this.writes.push({ partition, batch: Buffer.from(batch) })
      append(batch, wantsDurable)
    }
  }

  /** What a broker finds that was killed when just these writes had reached the disk. */
  async left(writes: readonly Write[]): Promise<OwnStorage> {
    const storage = memoryStorage(runtime)
    for (const [name, content] of this.#documents) await storage.writeDocument(name, content)
    for (const { partition, batch } of writes) {
      const store = await storage.openPartition(partition, 0, nobody)
      store.append(Buffer.from(batch), true)
    }
    return storage
  }
}
