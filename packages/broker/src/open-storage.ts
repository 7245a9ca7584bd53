import type { Descriptors, Runtime } from '@rivven/runtime'
import { newId } from './catalog/ids.js'
import type { Database } from './database/database.js'
import { MemoryServer } from './database/memory/memory-server.js'
import { MemoryStorage } from './storage/memory/memory-storage.js'
import type { OwnStorage } from './storage/own-storage.js'

/** Everything in memory: it outlives the broker that used it, but not the process. */
export function memoryStorage({ clock }: Pick<Runtime, 'clock'>): OwnStorage {
  return new MemoryStorage(clock)
}

/** What several brokers share. */
export interface SharedDatabase {
  /** As one of them reaches it: each life of a broker has its own. */
  connect(): Database
}

/** A database in memory, for several brokers in one process: it outlives them, but not the process. */
export function memoryDatabase({ clock, random }: Pick<Runtime, 'clock' | 'random'>): SharedDatabase {
  return new MemoryServer({ clock, clusterId: newId(random) })
}

type StorageRuntime = Pick<Runtime, 'disk' | 'clock' | 'descriptors'>

const MOST_FILES = 512
const FEWEST_FILES = 8
const FOR_A_MOMENT = 64

let fileEngine: Promise<typeof import('./storage/files/file-storage.js')> | undefined

/** Local files in `folder`, which is made if it is missing. Only one process may have it open. */
export async function fileStorage(folder: string, runtime: StorageRuntime): Promise<OwnStorage> {
  const { disk, clock } = runtime
  // A broker in memory need not load it.
  fileEngine ??= import('./storage/files/file-storage.js')
  const { FileStorage } = await fileEngine
  return FileStorage.open({ folder, disk, clock, openFiles: openFilesOf(await runtime.descriptors?.()) })
}

/**
 * Files of partitions that may be open together, of the descriptors that a process may have: some are open for a moment only,
 * and the rest is for connections.
 */
export function openFilesOf(descriptors: Descriptors | undefined): number {
  if (!descriptors) return MOST_FILES
  const { open, limit } = descriptors
  return Math.min(MOST_FILES, Math.max(FEWEST_FILES, Math.floor((limit - open - FOR_A_MOMENT) / 2)))
}
