import { afterEach } from 'node:test'
import { batchBaseOffset, batchesOf, batchLastOffset, setBatchBaseOffset, setBatchLeaderEpoch } from '@rivven/protocol'
import { MemoryServer } from '../../src/database/memory/memory-server.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import type { PartitionKey, PartitionStore, Storage, StoreOwner } from '../../src/storage/storage.js'
import { hasPostgres, PostgresUnderTest } from '../database/postgres-under-test.js'
import { batchOf, StillClock } from '../log/log-fixture.js'
import { MemoryDisk } from './memory-disk.js'
import { SharedPartitions } from './shared-partitions.js'

export const ORDERS: PartitionKey = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partition: 0 }

/** What a store tells the rules above it. */
export class Recorder implements StoreOwner {
  restored: { state: string | undefined; offset: number } | undefined
  /** 'first-last' of each batch. */
  readonly replayed: string[] = []
  readonly written_: number[] = []
  readonly durable_: number[] = []
  readonly failures: string[] = []

  restore(state: Buffer | undefined, offset: number): void {
    this.restored = { state: state?.toString(), offset }
  }

  replay(batch: Buffer): void {
    this.replayed.push(`${batchBaseOffset(batch)}-${batchLastOffset(batch)}`)
  }

  written(offset: number): void {
    this.written_.push(offset)
  }

  durable(offset: number): void {
    this.durable_.push(offset)
  }

  failed(_error: Error, then: string): void {
    this.failures.push(then)
  }
}

export interface StoredPartition {
  readonly store: PartitionStore
  readonly owner: Recorder
}

/** One partition of one engine; opened again it has all that was told to be durable. */
export interface EngineUnderTest {
  /** Opens it, as a start does after a kill or a clean end, in the next term. */
  open(): Promise<StoredPartition>
}

export const engines: readonly { readonly name: string; make(): EngineUnderTest }[] = [
  {
    name: 'memory',
    make() {
      const storage = new MemoryStorage(new StillClock())
      return openedFrom(async () => storage)
    },
  },
  {
    name: 'files',
    make() {
      let disk = new MemoryDisk()
      const clock = new StillClock()
      return openedFrom(() => {
        disk = disk.afterKill()
        return FileStorage.open({ folder: '/data', disk, clock, tailCacheBytes: 0 })
      })
    },
  },
  {
    name: 'shared on memory database',
    make() {
      const clock = new StillClock()
      const server = new MemoryServer({ clock, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' })
      return openedFrom(() => SharedPartitions.open(server.connect(), clock, { tailCacheBytes: 0 }))
    },
  },
  ...(hasPostgres ? [{ name: 'shared on PostgreSQL', make: onPostgres }] : []),
]

function onPostgres(): EngineUnderTest {
  const clock = new StillClock()
  const shared = PostgresUnderTest.start()
  return openedFrom(async () => SharedPartitions.open(await (await shared).connect(), clock, { tailCacheBytes: 0 }))
}

/** What a test has opened tries nothing more when it is over: its database may be gone. */
const opened = new Set<PartitionStore>()
afterEach(async () => {
  for (const store of opened) await store.abandon()
  opened.clear()
})

function openedFrom(openStorage: () => Promise<Storage>): EngineUnderTest {
  let term = -1
  return {
    async open() {
      const owner = new Recorder()
      const storage = await openStorage()
      const store = await storage.openPartition(ORDERS, ++term, owner)
      opened.add(store)
      return { store, owner }
    },
  }
}

/** Appends a batch of so many records. */
export function append(store: PartitionStore, count = 1, timestamp?: number): void {
  const records = Array.from({ length: count }, (_, at) => `k${store.endOffset + at}=v`)
  store.append(batchAt(store.endOffset, records, timestamp), true)
}

/** A batch as the rules hand it to a store. */
export function batchAt(offset: number, records: readonly string[], timestamp?: number): Buffer {
  const batch = batchOf(records, {}, timestamp)
  setBatchBaseOffset(batch, offset)
  setBatchLeaderEpoch(batch, 0)
  return batch
}

/** The same, and waits until it is durable. */
export async function appendDurably({ store }: StoredPartition, count = 1, timestamp?: number): Promise<void> {
  append(store, count, timestamp)
  store.requestDurable()
  while (store.durableOffset < store.endOffset) await new Promise((resolve) => setImmediate(resolve))
}

/** 'first-last' of the batches that are read from an offset on. */
export async function readFrom(store: PartitionStore, offset: number): Promise<string[]> {
  const found: string[] = []
  for (let at = offset; at < store.writtenOffset; ) {
    const range = { offset: at, endOffset: Number.POSITIVE_INFINITY, maxBytes: 1_000_000, atLeastOne: true }
    const { buffers, size, nextOffset } = await store.read(range)
    if (size === 0) break
    for (const batch of buffers.flatMap((bytes) => [...batchesOf(bytes)])) {
      found.push(`${batchBaseOffset(batch)}-${batchLastOffset(batch)}`)
    }
    at = nextOffset
  }
  return found
}
