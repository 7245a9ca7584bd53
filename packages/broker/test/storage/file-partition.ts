import { FileStorage } from '../../src/storage/files/file-storage.js'
import { OnePartition, StillClock } from '../log/log-fixture.js'
import type { MemoryDisk } from './memory-disk.js'

export const FOLDER = '/data/partitions/orders-0.AAAAAAAAAAAAAAAAAAAAAQ'

/** The partition that a disk holds, opened as a broker does at its start. */
export function openOn(
  disk: MemoryDisk,
  config: ConstructorParameters<typeof OnePartition>[2] = {},
  clock = new StillClock(),
): Promise<OnePartition> {
  const open = () => FileStorage.open({ folder: '/data', disk, clock, tailCacheBytes: 0, journalBytes: 1000 })
  return new OnePartition(open, clock, config).start()
}

/** Paths of this partition's files that end so. */
export function filesOf(disk: MemoryDisk, ending: string): string[] {
  return disk.names_().filter((name) => name.startsWith(`${FOLDER}/`) && name.endsWith(ending))
}

/** Takes the journal away, so that only the partition's own files are left to recover from. */
export async function withoutJournal(disk: MemoryDisk): Promise<MemoryDisk> {
  for (const name of disk.names_()) if (name.startsWith('/data/journal/')) await disk.remove(name)
  return disk
}
