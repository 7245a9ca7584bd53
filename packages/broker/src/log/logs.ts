import type { PartitionLog, PartitionView } from './partition-log.js'

/** The logs of the partitions that this broker leads: one that it has found to be led elsewhere is none of them any more. */
export interface Logs {
  /** The log of a partition, for who may write to it: one that was never written to is only opened here. */
  get(topic: string, partition: number): PartitionLog | undefined
  /** What readers see of a partition; opens no log. */
  view(topic: string, partition: number): PartitionView | undefined
  /** Whether this broker leads such a partition, without opening its log. */
  has(topic: string, partition: number): boolean
  /** The log if it is open; one that is there (`has`) and is not was never written to: it begins and ends at 0. */
  opened(topic: string, partition: number): PartitionLog | undefined
  /**
   * This broker leads the partitions from now on, in this epoch; resolves when they can be appended to. One that another broker
   * leads by now is left out (`has`): whoever asked learns of that in its own time.
   */
  open(topic: LogTopic, partitions: readonly number[], leaderEpoch: number): Promise<void>
  /**
   * The log takes no appends any more (NOT_LEADER_OR_FOLLOWER), but is read, until `lose`. Resolves when all that it took is stored
   * and answered, and whoever opens it next need not read it again. Rejects where the storage fails.
   */
  drain(topic: string, partition: number): Promise<void>
  /** It does no longer: the log is closed with nothing written, and whoever waits for it gets NOT_LEADER_OR_FOLLOWER. */
  lose(topic: string, partition: number): Promise<void>
  /** Closes and removes all logs of a topic; waiting readers are told by `onChange`. */
  delete(topic: string): Promise<void>
  /** New configs of a topic take effect at once. */
  configure(topic: string, configs: TopicLogConfig): void
  /** Retention, once over all logs; the broker calls it every log.retention.check.interval.ms. */
  retain(): Promise<void>
  /**
   * Checkpoints of logs that others would have to read long to open them; the broker calls it every few seconds where there
   * are others.
   */
  checkpoint(): Promise<void>
  /** How many partitions take no appends until there is that again. */
  readonly waiting: Readonly<Record<Scarce, number>>
  /** Compaction of what has enough to gain; the broker calls it every log.cleaner.backoff.ms. */
  clean(): Promise<void>
  /** Writes what a clean start needs (snapshots, markers) and closes all files. */
  close(): Promise<void>
}

/** What a partition may have to wait for: room on the disk, or file descriptors. */
export type Scarce = 'room' | 'descriptors'

export interface LogTopic {
  name: string
  /** Text form of the topic id, 22 characters. */
  id: string
  configs: TopicLogConfig
}

/** Effective configs that the log follows; names and defaults are Kafka's (data-plane.md §15.1), sizes in bytes, times in ms. */
export interface TopicLogConfig {
  cleanupPolicy: { compact: boolean; delete: boolean }
  compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  retentionMs: number
  retentionBytes: number
  segmentBytes: number
  segmentMs: number
  indexIntervalBytes: number
  maxMessageBytes: number
  messageTimestampType: 'CreateTime' | 'LogAppendTime'
  messageTimestampBeforeMaxMs: number
  messageTimestampAfterMaxMs: number
  minCompactionLagMs: number
  maxCompactionLagMs: number
  minCleanableDirtyRatio: number
  deleteRetentionMs: number
  fileDeleteDelayMs: number
}
