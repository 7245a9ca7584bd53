import type { Runtime } from '@rivven/runtime'
import { MemoryStorage } from './storage/memory/memory-storage.js'
import type { Storage } from './storage/storage.js'

/** Everything in memory: it outlives the broker that used it, but not the process. */
export function memoryStorage({ clock }: Pick<Runtime, 'clock'>): Storage {
  return new MemoryStorage(clock)
}

let fileEngine: Promise<typeof import('./storage/files/file-storage.js')> | undefined

/** Local files in `folder`, which is made if it is missing. Only one process may have it open. */
export async function fileStorage(folder: string, { disk, clock }: Pick<Runtime, 'disk' | 'clock'>): Promise<Storage> {
  // A broker in memory need not load it.
  fileEngine ??= import('./storage/files/file-storage.js')
  const { FileStorage } = await fileEngine
  return FileStorage.open({ folder, disk, clock })
}
