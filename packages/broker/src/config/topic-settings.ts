import type { BrokerKey } from './broker-keys.js'
import { absent, boolean, double, ignoredList, int, listOf, long, oneOf, type Setting } from './setting.js'

/** One config of a topic: Kafka's name, and the keys of the broker that it follows when the topic sets none. */
export interface TopicSetting {
  readonly setting: Setting
  /** The broker's keys from the most to the least specific; `scale` turns their unit into the topic's. */
  readonly follows: readonly { readonly key: BrokerKey; readonly scale?: number }[]
  /** The value where the topic follows no key of the broker. */
  readonly fallback?: string
  /** Kafka keeps the default of this one for the whole cluster (KIP-966), and says so: a dynamic default broker config. */
  readonly isClusterWide?: boolean
  /** DescribeConfigs' number of where the fallback comes from, if not 5 (a default). */
  readonly fallbackSource?: number
}

const NEVER = 2 ** 63
const MINUTE = 60_000
const HOUR = 3_600_000

/** A broker's key never counts by its fallback here, so these definitions have none of their own. */
const bytes = (about: string, min: number) => int(0, about, { min })
const milliseconds = (about: string, min: number) => long(0, about, { min })

/** Every config of a topic that Rivven follows or, where it has no effect here, accepts for the tools that set it. */
const settings: Record<string, TopicSetting> = {
  'cleanup.policy': {
    setting: listOf(['delete', 'compact'], 'delete', 'Remove old segments, keep the last record of a key, or both.'),
    follows: [{ key: 'log_cleanup_policy' }],
  },
  'compression.type': {
    setting: oneOf(
      ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
      'producer',
      'How records are stored.',
    ),
    follows: [{ key: 'compression_type' }],
  },
  'compression.gzip.level': {
    setting: int(-1, 'Accepted: levels are the codecs’ own.', { min: -1, max: 9 }),
    follows: [],
    fallback: '-1',
  },
  'compression.lz4.level': {
    setting: int(9, 'Accepted: levels are the codecs’ own.', { min: 1, max: 17 }),
    follows: [],
    fallback: '9',
  },
  'compression.zstd.level': {
    setting: int(3, 'Accepted: levels are the codecs’ own.', { min: -131_072, max: 22 }),
    follows: [],
    fallback: '3',
  },
  'delete.retention.ms': {
    setting: milliseconds('How long a deletion stays visible in a compacted topic.', 0),
    follows: [{ key: 'log_cleaner_delete_retention_ms' }],
  },
  'file.delete.delay.ms': {
    setting: milliseconds('How long a removed segment stays for those who read it.', 0),
    follows: [{ key: 'log_segment_delete_delay_ms' }],
  },
  'flush.messages': {
    setting: long(NEVER, 'Accepted: acknowledged data is flushed as acks asks.', { min: 1 }),
    follows: [{ key: 'log_flush_interval_messages' }],
  },
  'flush.ms': {
    setting: milliseconds('Accepted: acknowledged data is flushed as acks asks.', 0),
    follows: [{ key: 'log_flush_interval_ms' }],
    fallback: '9223372036854775807',
  },
  'follower.replication.throttled.replicas': {
    setting: ignoredList('Accepted, without effect: there is one replica.'),
    follows: [],
    fallback: '',
  },
  'index.interval.bytes': {
    setting: bytes('Bytes between two entries of an index.', 0),
    follows: [{ key: 'log_index_interval_bytes' }],
  },
  'leader.replication.throttled.replicas': {
    setting: ignoredList('Accepted, without effect: there is one replica.'),
    follows: [],
    fallback: '',
  },
  'local.retention.bytes': {
    setting: long(-2, 'Accepted, without effect: all data is local.', { min: -2 }),
    follows: [],
    fallback: '-2',
  },
  'local.retention.ms': {
    setting: long(-2, 'Accepted, without effect: all data is local.', { min: -2 }),
    follows: [],
    fallback: '-2',
  },
  'max.compaction.lag.ms': {
    setting: milliseconds('Records older than this are compacted soon.', 1),
    follows: [{ key: 'log_cleaner_max_compaction_lag_ms' }],
  },
  'max.message.bytes': {
    setting: bytes('Largest record batch.', 0),
    follows: [{ key: 'message_max_bytes' }],
  },
  'message.timestamp.after.max.ms': {
    setting: milliseconds('How far in the future a record may be.', 0),
    follows: [{ key: 'log_message_timestamp_after_max_ms' }],
  },
  'message.timestamp.before.max.ms': {
    setting: milliseconds('How far in the past a record may be.', 0),
    follows: [{ key: 'log_message_timestamp_before_max_ms' }],
  },
  'message.timestamp.type': {
    setting: oneOf(['CreateTime', 'LogAppendTime'], 'CreateTime', 'Whose clock stamps records.'),
    follows: [{ key: 'log_message_timestamp_type' }],
  },
  'min.cleanable.dirty.ratio': {
    setting: double(0.5, 'Share of new bytes from which on it is worth to compact.', { min: 0, max: 1 }),
    follows: [{ key: 'log_cleaner_min_cleanable_ratio' }],
  },
  'min.compaction.lag.ms': {
    setting: milliseconds('Records younger than this are not compacted.', 0),
    follows: [{ key: 'log_cleaner_min_compaction_lag_ms' }],
  },
  'min.insync.replicas': {
    setting: int(1, 'Accepted for compatibility: there is one replica.', { min: 1 }),
    follows: [{ key: 'min_insync_replicas' }],
    // Kafka 4 keeps this one as a default of the whole cluster (KIP-966), and tools compare.
    fallbackSource: 3,
  },
  preallocate: {
    setting: boolean(false, 'Accepted, without effect.'),
    follows: [{ key: 'log_preallocate' }],
  },
  'remote.log.copy.disable': {
    setting: boolean(false, 'Accepted, without effect: all data is local.'),
    follows: [],
    fallback: 'false',
  },
  'remote.log.delete.on.disable': {
    setting: boolean(false, 'Accepted, without effect: all data is local.'),
    follows: [],
    fallback: 'false',
  },
  'remote.storage.enable': {
    setting: absent('There is no remote storage.'),
    follows: [],
    fallback: 'false',
  },
  'retention.bytes': {
    setting: long(-1, 'Most bytes of a partition; -1 no limit.', { min: -1 }),
    follows: [{ key: 'log_retention_bytes' }],
  },
  'retention.ms': {
    setting: milliseconds('How long records are kept at least; -1 for ever.', -1),
    follows: [
      { key: 'log_retention_ms' },
      { key: 'log_retention_minutes', scale: MINUTE },
      { key: 'log_retention_hours', scale: HOUR },
    ],
  },
  'segment.bytes': {
    setting: bytes('Largest segment file.', 1_048_576),
    follows: [{ key: 'log_segment_bytes' }],
  },
  'segment.index.bytes': {
    setting: bytes('Accepted, without effect: indexes grow as they need.', 4),
    follows: [{ key: 'log_index_size_max_bytes' }],
  },
  'segment.jitter.ms': {
    setting: milliseconds('Accepted, without effect.', 0),
    follows: [{ key: 'log_roll_jitter_ms' }],
    fallback: '0',
  },
  'segment.ms': {
    setting: milliseconds('Longest time that one segment covers.', 1),
    follows: [{ key: 'log_roll_ms' }, { key: 'log_roll_hours', scale: HOUR }],
  },
  'unclean.leader.election.enable': {
    setting: boolean(false, 'Accepted, without effect: there is one replica.'),
    follows: [{ key: 'unclean_leader_election_enable' }],
  },
}

export const topicSettings: ReadonlyMap<string, TopicSetting> = new Map(Object.entries(settings))
