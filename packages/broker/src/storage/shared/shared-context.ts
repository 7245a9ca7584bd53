import type { Clock } from '@rivven/runtime'
import type { LogTables } from '../../database/log-tables.js'
import type { ChunkRow } from '../../database/metadata.js'
import type { PartitionKey } from '../storage.js'
import type { TailCache } from '../tail-cache.js'
import type { Lane } from './lane.js'
import type { Loader } from './loader.js'
import type { Backlog } from './outgoing.js'
import type { ReadAhead } from './read-ahead.js'
import type { SegmentIds } from './segment-ids.js'

/** What the image of the cluster says about where things lie. */
export interface Places {
  partIdOf(partition: PartitionKey): number
  /** The chunk in which segments of this partition begin now. */
  currentChunk(partition: PartitionKey): number
  /** Undefined: it is gone. */
  chunk(chunk: number): ChunkRow | undefined
}

/** What all partitions of one broker share. */
export interface SharedContext {
  readonly tables: LogTables
  readonly places: Places
  readonly clock: Clock
  readonly ids: SegmentIds
  readonly tails: TailCache
  readonly ahead: ReadAhead
  readonly loader: Loader
  readonly backlog: Backlog
  readonly queueMaxBytes: number
  laneOf(partition: PartitionKey, partId: number): Lane
}
