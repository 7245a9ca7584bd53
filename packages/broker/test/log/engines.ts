import { MemoryServer } from '../../src/database/memory/memory-server.js'
import type { TopicLogConfig } from '../../src/log/logs.js'
import { FileStorage } from '../../src/storage/files/file-storage.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
import { hasPostgres, PostgresUnderTest } from '../database/postgres-under-test.js'
import { MemoryDisk } from '../storage/memory-disk.js'
import { SharedPartitions } from '../storage/shared-partitions.js'
import { OnePartition, StillClock } from './log-fixture.js'

export interface Engine {
  name: string
  /** A partition that is open. */
  partition(config?: Partial<TopicLogConfig>): Promise<OnePartition>
}

/** The rules must hold above every engine. */
export const engines: readonly Engine[] = [
  {
    name: 'memory',
    partition(config = {}) {
      const clock = new StillClock()
      const storage = new MemoryStorage(clock)
      return new OnePartition(async () => storage, clock, config).start()
    },
  },
  { name: 'files', partition: (config = {}) => filePartition(config, {}) },
  {
    name: 'files, nothing cached',
    partition: (config = {}) => filePartition(config, { tailCacheBytes: 0, openFiles: 2 }),
  },
  { name: 'shared on memory database', partition: (config = {}) => sharedPartition(config, {}) },
  {
    name: 'shared on memory database, nothing cached',
    partition: (config = {}) => sharedPartition(config, { tailCacheBytes: 0 }),
  },
  ...(hasPostgres ? [{ name: 'shared on PostgreSQL, nothing cached', partition: postgresPartition }] : []),
]

function filePartition(
  config: Partial<TopicLogConfig>,
  limits: { tailCacheBytes?: number; openFiles?: number },
): Promise<OnePartition> {
  const clock = new StillClock()
  const disk = new MemoryDisk()
  const open = () => FileStorage.open({ folder: '/data', disk, clock, ...limits })
  return new OnePartition(open, clock, config).start()
}

function sharedPartition(config: Partial<TopicLogConfig>, limits: { tailCacheBytes?: number }): Promise<OnePartition> {
  const clock = new StillClock()
  const server = new MemoryServer({ clock, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' })
  return new OnePartition(() => SharedPartitions.open(server.connect(), clock, limits), clock, config).start()
}

async function postgresPartition(config: Partial<TopicLogConfig> = {}): Promise<OnePartition> {
  const clock = new StillClock()
  const shared = await PostgresUnderTest.start()
  const open = async () => SharedPartitions.open(await shared.connect(), clock, { tailCacheBytes: 0 })
  return new OnePartition(open, clock, config).start()
}
