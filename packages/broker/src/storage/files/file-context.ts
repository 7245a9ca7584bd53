import type { Clock, Disk } from '@rivven/runtime'
import type { Notices } from '../notices.js'
import { TailCache } from '../tail-cache.js'
import type { Journal } from './journal/journal.js'
import { ReadPace } from './pace/read-pace.js'
import { SyncQueue } from './pace/sync-queue.js'
import { WritePace } from './pace/write-pace.js'
import { remakeIndex } from './recovery/verify-segment.js'
import type { Room } from './room.js'
import { IndexCache } from './segments/index-cache.js'
import { OpenFiles } from './segments/open-files.js'
import type { SetAside } from './set-aside.js'

export interface FileLimits {
  /** Newest batches kept in memory, over all partitions. Default 64 MiB. */
  tailCacheBytes?: number
  /** Files open at the same time. Default 512. */
  openFiles?: number
  /** Indexes of closed segments kept in memory. Default 32 MiB. */
  indexCacheBytes?: number
  /** Size at which the journal begins a new file. Default 16 MiB. */
  journalBytes?: number
  /** What is put by for a full disk. Default 1 MiB. */
  reserveBytes?: number
}

/** What all partitions of one data folder share. */
export interface FileContext {
  readonly disk: Disk
  readonly clock: Clock
  readonly files: OpenFiles
  readonly syncs: SyncQueue
  readonly journal: Journal
  readonly tails: TailCache
  readonly indexes: IndexCache
  readonly pace: WritePace
  readonly readPace: ReadPace
  readonly setAside: SetAside
  readonly notices: Notices
  readonly room: Room
  /** The highest leader epoch so far: no stored batch is of a later one. */
  newestTerm: number
}

export interface FileContextOptions {
  disk: Disk
  clock: Clock
  journal: Journal
  setAside: SetAside
  notices: Notices
  room: Room
}

export function fileContext(options: FileContextOptions, limits: FileLimits = {}): FileContext {
  const { disk, clock } = options
  const files = new OpenFiles(disk, limits.openFiles ?? 512)
  const context: FileContext = {
    ...options,
    files,
    syncs: new SyncQueue(clock, disk.parallelism),
    tails: new TailCache(limits.tailCacheBytes ?? 67_108_864),
    indexes: new IndexCache({
      ...{ disk, files, maxBytes: limits.indexCacheBytes ?? 33_554_432 },
      remake: (segment, witness) => remakeIndex(context, segment, witness),
    }),
    pace: new WritePace(clock),
    readPace: new ReadPace(clock),
    newestTerm: 0,
  }
  return context
}
