import type { Runtime } from '@rivven/runtime'
import { MemoryStorage } from './storage/memory/memory-storage.js'
import type { Storage } from './storage/storage.js'

/** Everything in memory: it outlives the broker that used it, but not the process. */
export function memoryStorage({ clock }: Pick<Runtime, 'clock'>): Storage {
  return new MemoryStorage(clock)
}
