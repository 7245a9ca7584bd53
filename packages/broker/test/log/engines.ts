import type { TopicLogConfig } from '../../src/log/logs.js'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.js'
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
      return new OnePartition(() => storage, clock, config).start()
    },
  },
]
