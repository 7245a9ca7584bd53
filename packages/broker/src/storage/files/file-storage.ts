import { join } from 'node:path'
import type { Clock, Disk } from '@rivven/runtime'
import type { PartitionKey, PartitionStore, Storage, StoreOwner } from '../storage.js'
import { type FileContext, type FileLimits, fileContext } from './file-context.js'
import { FileStore } from './file-store.js'
import { Journal } from './journal/journal.js'
import { type LoadedPartition, loadPartition } from './load-partition.js'
import { folderOf, partitionOf } from './segments/file-names.js'
import { takeJournaled } from './take-journaled.js'

export interface FileStorageOptions extends FileLimits {
  /** Made if it is missing. */
  folder: string
  disk: Disk
  clock: Clock
}

/**
 * Local files: `partitions/<topic>-<partition>.<topic id>/` with segments as Kafka's, `documents/<name>`, and `journal/` with
 * small batches that are durable there alone yet. What was never written to has no folder.
 */
export class FileStorage implements Storage {
  private readonly context: FileContext
  private readonly partitions: string
  private readonly documents: string
  private readonly folders: Set<string>
  private removals = 0

  static async open({ folder, disk, clock, ...limits }: FileStorageOptions): Promise<FileStorage> {
    for (const name of ['partitions', 'documents']) await disk.makeFolder(join(folder, name))
    const names = await disk.list(join(folder, 'partitions'))
    const [removed, kept] = [names.filter(isRemoved), names.filter((name) => !isRemoved(name))]
    for (const name of removed) await disk.remove(join(folder, 'partitions', name))
    await disk.syncFolder(join(folder, 'partitions'))
    const partitions = new Set(kept)
    const journal = await Journal.open({
      ...{ disk, clock, partitions, folder: join(folder, 'journal') },
      ...(limits.journalBytes === undefined ? {} : { fileBytes: limits.journalBytes }),
    })
    return new FileStorage(fileContext(disk, clock, journal, limits), folder, partitions)
  }

  private constructor(context: FileContext, folder: string, folders: Set<string>) {
    this.context = context
    this.partitions = join(folder, 'partitions')
    this.documents = join(folder, 'documents')
    this.folders = folders
  }

  async openPartition(partition: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore> {
    const opened = this.openNew(partition, term, owner)
    if (opened) return opened
    const name = folderOf(partition)
    const loaded = await this.load(name, owner)
    const folder = join(this.partitions, name)
    return new FileStore(this.context, { partition, folder, hasFolder: true, loaded, owner })
  }

  holds(partition: PartitionKey): boolean {
    return this.folders.has(folderOf(partition))
  }

  openNew(partition: PartitionKey, _term: number, owner: StoreOwner): PartitionStore | undefined {
    const name = folderOf(partition)
    if (this.folders.has(name)) return undefined
    // It is made with the first append: from now on it may be there.
    this.folders.add(name)
    const folder = join(this.partitions, name)
    return new FileStore(this.context, { partition, folder, hasFolder: false, loaded: nothingLoaded(owner), owner })
  }

  private async load(name: string, owner: StoreOwner): Promise<LoadedPartition> {
    const { journal } = this.context
    const folder = join(this.partitions, name)
    const found = await loadPartition(this.context, folder, owner)
    const loaded = await takeJournaled(this.context, { folder, found, batches: journal.earlierOf(name), owner })
    await journal.forget(name)
    return loaded
  }

  /** Renamed first, so that a crash leaves no half of a partition. */
  async removePartition(partition: PartitionKey): Promise<void> {
    const name = folderOf(partition)
    if (!this.folders.delete(name)) return
    await this.context.journal.forget(name)
    const doomed = join(this.partitions, `${++this.removals}.deleted`)
    try {
      await this.context.disk.rename(join(this.partitions, name), doomed)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    await this.context.disk.syncFolder(this.partitions)
    await this.context.disk.remove(doomed)
  }

  async listPartitions(): Promise<PartitionKey[]> {
    return [...this.folders].map(partitionOf).filter((key) => key !== undefined)
  }

  async readDocument(name: string): Promise<Buffer | undefined> {
    try {
      return await this.context.disk.readFile(join(this.documents, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  writeDocument(name: string, content: Uint8Array): Promise<void> {
    return this.context.disk.replaceFile(join(this.documents, name), content)
  }

  async close(): Promise<void> {
    await this.context.journal.close()
    await this.context.files.closeAll()
  }
}

function isRemoved(name: string): boolean {
  return name.endsWith('.deleted')
}

function nothingLoaded(owner: StoreOwner) {
  owner.restore(undefined, 0)
  return { startOffset: 0, endOffset: 0, segments: [] }
}
