import { join } from 'node:path'
import type { Clock, Disk, DiskSpace } from '@rivven/runtime'
import { Notices, type StorageNotice } from '../notices.js'
import type { OwnStorage } from '../own-storage.js'
import type { PartitionKey, PartitionStore, StoreOwner } from '../storage.js'
import { Checkpoints } from './checkpoints.js'
import { Documents } from './documents/documents.js'
import { type FileContext, type FileLimits, fileContext } from './file-context.js'
import { FileStore } from './file-store.js'
import { Journal } from './journal/journal.js'
import { type LoadedPartition, loadPartition } from './recovery/load-partition.js'
import { takeJournaled } from './recovery/take-journaled.js'
import { Room } from './room.js'
import { folderOf, partitionOf } from './segments/file-names.js'
import { SetAside } from './set-aside.js'

export interface FileStorageOptions extends FileLimits {
  /** Made if it is missing. */
  folder: string
  disk: Disk
  clock: Clock
}

/**
 * Local files: `partitions/<topic>-<partition>.<topic id>/` with segments as Kafka's, `documents/<name>`, `journal/` with
 * small batches that are durable there alone yet, and `set-aside/` with what is damaged or unknown. What was never written
 * to has no folder.
 */
export class FileStorage implements OwnStorage {
  private readonly context: FileContext
  private readonly partitions: string
  private readonly documents: Documents
  private readonly folders: Set<string>
  private removals = 0

  static async open({ folder, disk, clock, ...limits }: FileStorageOptions): Promise<FileStorage> {
    for (const name of ['partitions', 'documents']) await disk.makeFolder(join(folder, name))
    const names = await disk.list(join(folder, 'partitions'))
    const [removed, kept] = [names.filter(isRemoved), names.filter((name) => !isRemoved(name))]
    for (const name of removed) await disk.remove(join(folder, 'partitions', name))
    await disk.syncFolder(join(folder, 'partitions'))
    const partitions = new Set(kept)
    const [setAside, notices] = [new SetAside(disk, folder), new Notices()]
    const journal = await Journal.open({
      ...{ disk, clock, partitions, setAside, notices, folder: join(folder, 'journal') },
      ...(limits.journalBytes === undefined ? {} : { fileBytes: limits.journalBytes }),
    })
    const { reserveBytes } = limits
    const room = new Room({ disk, folder, ...(reserveBytes !== undefined && { reserveBytes }) })
    return new FileStorage(fileContext({ disk, clock, journal, setAside, notices, room }, limits), folder, partitions)
  }

  private constructor(context: FileContext, folder: string, folders: Set<string>) {
    this.context = context
    this.partitions = join(folder, 'partitions')
    const { disk, setAside, notices } = context
    this.documents = new Documents({ disk, setAside, notices, folder: join(folder, 'documents') })
    this.folders = folders
  }

  onNotice(listener: (notice: StorageNotice) => void): void {
    this.context.notices.listen(listener)
  }

  async openPartition(partition: PartitionKey, term: number, owner: StoreOwner): Promise<PartitionStore> {
    const opened = this.openNew(partition, term, owner)
    if (opened) return opened
    const name = folderOf(partition)
    this.context.newestTerm = Math.max(this.context.newestTerm, term)
    const loaded = await this.load(name, owner)
    const folder = join(this.partitions, name)
    return new FileStore(this.context, { partition, folder, hasFolder: true, loaded, owner })
  }

  holds(partition: PartitionKey): boolean {
    return this.folders.has(folderOf(partition))
  }

  openNew(partition: PartitionKey, term: number, owner: StoreOwner): PartitionStore | undefined {
    const name = folderOf(partition)
    if (this.folders.has(name)) return undefined
    // It is made with the first append: from now on it may be there.
    this.folders.add(name)
    this.context.newestTerm = Math.max(this.context.newestTerm, term)
    const folder = join(this.partitions, name)
    owner.restore(undefined, 0)
    const loaded = nothingLoaded(new Checkpoints(this.context, folder))
    return new FileStore(this.context, { partition, folder, hasFolder: false, loaded, owner })
  }

  private async load(name: string, owner: StoreOwner): Promise<LoadedPartition> {
    const { journal } = this.context
    const folder = join(this.partitions, name)
    const batches = journal.earlierOf(name)
    const found = await loadPartition(this.context, { folder, owner, journaled: batches })
    const loaded = await takeJournaled(this.context, { folder, found, batches, owner, claims: journal.claimsOf(name) })
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
      await this.context.room.spend(() => this.context.disk.rename(join(this.partitions, name), doomed))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    await this.context.disk.syncFolder(this.partitions)
    await this.context.disk.remove(doomed)
  }

  async setAsidePartition(partition: PartitionKey): Promise<void> {
    const name = folderOf(partition)
    if (!this.folders.delete(name)) return
    const { journal, disk, setAside, notices } = this.context
    const path = join(this.partitions, name)
    const journaled = journal.earlierOf(name)
    if (journaled.length > 0) await disk.replaceFile(join(path, 'journaled-batches'), Buffer.concat(journaled))
    const kept = await setAside.move(path)
    await journal.forget(name)
    const text =
      `The catalog knows no partition ${partition.partition} of a topic ${partition.topic} with the id ${partition.topicId}. ` +
      `Its data are kept at ${kept}; remove that folder if nobody needs them.`
    notices.tell({ level: 'warn', text, facts: { path, kept } })
  }

  async listPartitions(): Promise<PartitionKey[]> {
    return [...this.folders].map(partitionOf).filter((key) => key !== undefined)
  }

  readDocument(name: string): Promise<Buffer | undefined> {
    return this.documents.read(name)
  }

  writeDocument(name: string, content: Uint8Array): Promise<void> {
    return this.context.room.spend(() => this.documents.write(name, content))
  }

  hasRoom(): Promise<boolean> {
    return this.context.room.isThere()
  }

  async space(): Promise<DiskSpace | undefined> {
    return this.context.disk.spaceAt?.(this.partitions)
  }

  putRoomBy(): Promise<void> {
    return this.context.room.putBy()
  }

  async close(): Promise<void> {
    await this.context.journal.close()
    await this.context.files.closeAll()
  }
}

function isRemoved(name: string): boolean {
  return /^\d+\.deleted$/.test(name)
}

function nothingLoaded(checkpoints: Checkpoints): LoadedPartition {
  return { startOffset: 0, endOffset: 0, segments: [], isRolled: false, checkpoints }
}
