import { securityKeys } from './security-keys.js'
import { boolean, double, int, listOf, long, oneOf, optional, type Setting, secret, text } from './setting.js'

/** Kafka's "never" is 2^63-1, which no number can be. */
const NEVER = 2 ** 63

/** What belongs to Rivven: the rest has Kafka's names, with `_` for `.`. */
const ownKeys = {
  listen: text('127.0.0.1:9092', 'Where clients connect; port 0 takes a free one.'),
  http: text(
    '127.0.0.1:9644',
    'Where health checks, metrics and groups as JSON are served; port 0 takes a free one; off: nowhere.',
  ),
  advertised_listeners: text(
    '',
    'host:port that clients are told to use, NAME://host:port for each of several listeners; empty: where it listens.',
  ),
  allow_anonymous: boolean(false, 'Listen beyond loopback although clients need no password.'),
  data_dir: text('./rivven-data', 'Folder of all that is stored.'),
  data_dir_lock: boolean(
    true,
    'Hold a lock of the operating system on data_dir; false only where there are no locks: two brokers on one folder destroy its data.',
  ),
  memory: boolean(false, 'Store everything in memory only; it is gone when the broker ends.'),
  log_level: oneOf(['silent', 'error', 'warn', 'info', 'debug'], 'warn', 'What is written to stderr.'),
  audit_log: text(
    '',
    'Where failed logins, denials and changes are told: stderr, the path of a file, or off; empty: stderr as soon as there is an authorizer.',
  ),
}

const serverKeys = {
  node_id: int(1, 'Id of this broker in answers.', { min: 0 }),
  socket_request_max_bytes: int(104_857_600, 'Largest request; a larger one closes its connection.', { min: 1 }),
  queued_max_request_bytes: long(
    536_870_912,
    'Most bytes of requests in memory, of all connections; more large ones wait to be read; -1 no limit.',
    { min: -1 },
  ),
  connections_max_idle_ms: long(600_000, 'A connection without requests for so long is closed; -1 never.', { min: -1 }),
  frame_timeout_ms: int(
    60_000,
    'A connection is closed when no byte of a request that it has begun comes for so long.',
    {
      min: 1,
    },
  ),
  fetch_max_bytes: int(57_671_680, 'Most bytes of one answer to Fetch.', { min: 1024 }),
  max_incremental_fetch_session_cache_slots: int(1_000, 'Fetch sessions that are kept.', { min: 0 }),
  max_request_partition_size_limit: int(2_000, 'Most partitions of one answer to DescribeTopicPartitions.', { min: 1 }),
}

/** More samples than this only cost memory: there may be 10,000 counts of so many. */
const samples = { min: 1, max: 100 }
const sampleSeconds = { min: 1, max: 3600 }

/** Over which time quotas look at what was counted. */
const quotaKeys = {
  quota_window_num: int(11, 'Samples over which a rate under a quota is counted.', samples),
  quota_window_size_seconds: int(1, 'How long each of them is.', sampleSeconds),
  controller_quota_window_num: int(11, 'The same for partitions that are made and removed.', samples),
  controller_quota_window_size_seconds: int(1, 'How long each of these is.', sampleSeconds),
}

/** Bounds of what clients can ask for, or leave behind. Kafka has no such keys. */
const limitKeys = {
  max_request_elements: int(100_000, 'Most elements of all arrays of a request together; some APIs take a part.', {
    min: 1,
  }),
  max_partitions: int(50_000, 'Most partitions of all topics; no more are made. What is stored is always served.', {
    min: 1,
  }),
  max_groups: int(100_000, 'Most groups; no more are made.', { min: 1 }),
  max_members_bytes: long(
    268_435_456,
    'Most bytes of what members of all groups tell of themselves, and of their assignments.',
    { min: 1 },
  ),
  max_committed_offsets: int(1_000_000, 'Most committed offsets of all groups; no more are made.', { min: 1 }),
  max_transactional_ids: int(100_000, 'Most transactional ids; no more are made.', { min: 1 }),
  max_producers_per_partition: int(
    100_000,
    'Most idempotent producers that a partition remembers; it takes no others.',
    {
      min: 1,
    },
  ),
  max_fetch_session_partitions: int(250_000, 'Most partitions of all fetch sessions; beyond, none is begun.', {
    min: 0,
  }),
  group_max_member_bytes: int(1_048_576, 'Most bytes of what a member tells of itself, and of its assignment.', {
    min: 1,
  }),
  group_max_handed_out_ids: int(10_000, 'Most member ids of a group that are handed out and awaited.', { min: 1 }),
}

/** Of one among several brokers that share what they store. Without effect where it is alone. */
const clusterKeys = {
  storage: secret(
    'Database that several brokers share, in the place of data_dir: postgres://user@host/database?sslmode=verify-full&schema=rivven.',
  ),
  storage_password_file: text('', 'File with the password of its user; else it is in the URL, or in PGPASSWORD.'),
  storage_allow_plaintext: boolean(false, 'Connect beyond this machine without sslmode=verify-full.'),
  storage_connect_timeout_ms: int(60_000, 'How long a start waits for the database.', { min: 0 }),
  storage_connections: int(4, 'Connections over which records are stored; one more is for internal topics.', {
    min: 1,
    max: 100,
  }),
  storage_readers: int(2, 'Connections over which records are read.', { min: 1, max: 100 }),
  storage_queue_max_bytes: long(67_108_864, 'Most bytes that wait to be stored there; beyond, producers try again.', {
    min: 1,
  }),
  broker_rack: text('', 'Where this broker stands, as clients are told.'),
  lease_ms: int(3_000, 'So long after its last sign of life a broker may be replaced.', { min: 400, max: 600_000 }),
  lease_renew_ms: int(500, 'How often it gives one; a quarter of lease_ms at most.', { min: 50 }),
  auto_leader_rebalance_enable: boolean(true, 'Move partitions to brokers that lead fewer.'),
  leader_move_delay_ms: int(10_000, 'How long the same brokers must have been there before any moves for that.', {
    min: 0,
  }),
  leader_moves_at_once: int(4, 'How many a broker gives away at once for that.', { min: 1, max: 1_000 }),
  shutdown_timeout_ms: int(10_000, 'How long a broker that ends takes at most to hand over what it leads.', { min: 0 }),
}

/** The most that the protocol can say. */
const replicas = { min: 1, max: 32_767 }

const topicKeys = {
  num_partitions: int(1, 'Partitions of a topic made without a count.', { min: 1 }),
  default_replication_factor: int(
    1,
    'Replicas of a topic made without a count; 1 where the broker is alone.',
    replicas,
  ),
  auto_create_topics_enable: boolean(true, 'Make topics that clients ask for by name.'),
  delete_topic_enable: boolean(true, 'May topics be deleted?'),
  compression_type: oneOf(
    ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
    'producer',
    'How records are stored; producer keeps what comes.',
  ),
  message_max_bytes: int(1_048_588, 'Largest record batch.', { min: 0 }),
  min_insync_replicas: int(1, 'Accepted for compatibility: there is one replica.', { min: 1 }),
}

const logKeys = {
  log_cleanup_policy: listOf(
    ['delete', 'compact'],
    'delete',
    'Remove old segments, keep the last record of a key, or both.',
  ),
  log_retention_ms: optional(long(604_800_000, 'How long records are kept at least; -1 for ever.', { min: -1 })),
  log_retention_minutes: optional(int(10_080, 'As log_retention_ms, in minutes.', { min: -1 })),
  log_retention_hours: int(168, 'As log_retention_ms, in hours.', { min: -1 }),
  log_retention_bytes: long(-1, 'Most bytes of a partition; -1 no limit.', { min: -1 }),
  log_retention_check_interval_ms: long(300_000, 'How often records beyond retention are looked for.', { min: 1 }),
  log_initial_task_delay_ms: long(30_000, 'When they are looked for the first time after the start.', { min: 0 }),
  log_segment_bytes: int(1_073_741_824, 'Largest segment file.', { min: 1_048_576 }),
  log_roll_ms: optional(long(604_800_000, 'Longest time that one segment covers.', { min: 1 })),
  log_roll_hours: int(168, 'As log_roll_ms, in hours.', { min: 1 }),
  log_roll_jitter_ms: optional(long(0, 'Accepted, without effect.', { min: 0 })),
  log_index_interval_bytes: int(4_096, 'Bytes between two entries of an index.', { min: 0 }),
  log_index_size_max_bytes: int(10_485_760, 'Accepted, without effect: indexes grow as they need.', { min: 4 }),
  log_segment_delete_delay_ms: long(60_000, 'How long a removed segment stays for those who read it.', { min: 0 }),
  log_flush_interval_messages: long(NEVER, 'Accepted: acknowledged data is flushed as acks asks.', { min: 1 }),
  log_flush_interval_ms: optional(long(NEVER, 'Accepted: acknowledged data is flushed as acks asks.', { min: 0 })),
  log_preallocate: boolean(false, 'Accepted, without effect.'),
  log_message_timestamp_type: oneOf(['CreateTime', 'LogAppendTime'], 'CreateTime', 'Whose clock stamps records.'),
  log_message_timestamp_before_max_ms: long(NEVER, 'How far in the past a record may be.', { min: 0 }),
  log_message_timestamp_after_max_ms: long(3_600_000, 'How far in the future a record may be.', { min: 0 }),
  log_cleaner_backoff_ms: long(15_000, 'How often compacted topics are looked through for what is worth to compact.', {
    min: 1,
  }),
  log_cleaner_delete_retention_ms: long(86_400_000, 'How long a deletion stays visible.', { min: 0 }),
  log_cleaner_min_compaction_lag_ms: long(0, 'Records younger than this are not compacted.', { min: 0 }),
  log_cleaner_max_compaction_lag_ms: long(NEVER, 'Records older than this are compacted soon.', { min: 1 }),
  log_cleaner_min_cleanable_ratio: double(0.5, 'Share of new bytes from which on it is worth to compact.', {
    min: 0,
    max: 1,
  }),
  unclean_leader_election_enable: boolean(false, 'Accepted, without effect: there is one replica.'),
  producer_id_expiration_ms: int(86_400_000, 'An idle producer is forgotten after this.', { min: 1 }),
}

const groupKeys = {
  group_min_session_timeout_ms: int(6_000, 'Shortest session timeout of a member.', { min: 0 }),
  group_max_session_timeout_ms: int(1_800_000, 'Longest session timeout of a member.', { min: 0 }),
  group_initial_rebalance_delay_ms: int(3_000, 'How long an empty group waits for more members.', { min: 0 }),
  group_max_size: int(2_147_483_647, 'Most members of a group.', { min: 1 }),
  offset_metadata_max_bytes: int(4_096, 'Most bytes of the text beside a committed offset.', { min: 0 }),
  offsets_retention_minutes: int(10_080, 'How long offsets of an empty group are kept.', { min: 1 }),
  offsets_retention_check_interval_ms: long(600_000, 'How often old offsets are looked for.', { min: 1 }),
  offsets_topic_num_partitions: int(50, 'Partitions of __consumer_offsets.', { min: 1 }),
  offsets_topic_replication_factor: int(1, 'The same of __consumer_offsets; 1 where the broker is alone.', replicas),
  offsets_topic_segment_bytes: int(104_857_600, 'Segment size of __consumer_offsets.', { min: 1 }),
  lag_sample_interval_ms: int(
    10_000,
    'How often it is looked how far groups are behind, for rates and status; 0 never.',
    { min: 0 },
  ),
  lag_window_ms: int(120_000, 'So long a group that is behind may stand still before its status says so.', { min: 1 }),
  group_timeline_max_entries: int(100, 'Rebalances of one group that are kept in memory.', { min: 1 }),
  group_timeline_max_total_entries: int(10_000, 'Rebalances of all groups that are kept in memory.', { min: 1 }),
  group_timeline_topic_enable: boolean(true, 'Keep rebalances in __rivven_rebalances, over restarts.'),
  group_timeline_topic_num_partitions: int(1, 'Partitions of __rivven_rebalances.', { min: 1 }),
  group_timeline_topic_retention_ms: long(604_800_000, 'How long rebalances are kept there; -1 for ever.', { min: -1 }),
  group_timeline_topic_retention_bytes: long(67_108_864, 'Most bytes of a partition of it; -1 no limit.', { min: -1 }),
}

const telemetryKeys = {
  client_telemetry_enable: boolean(true, 'Ask clients for metrics of themselves (KIP-714), which the doctor looks at.'),
}

const transactionKeys = {
  transaction_max_timeout_ms: int(900_000, 'Longest time that a producer may ask for its transactions.', { min: 1 }),
  transactional_id_expiration_ms: int(604_800_000, 'A transactional id without use is forgotten after this.', {
    min: 1,
  }),
  transaction_abort_timed_out_transaction_cleanup_interval_ms: int(
    10_000,
    'Accepted: a transaction is aborted as soon as its time is over.',
    { min: 1 },
  ),
  transaction_remove_expired_transaction_cleanup_interval_ms: int(
    3_600_000,
    'How often unused transactional ids are looked for.',
    { min: 1 },
  ),
  transaction_partition_verification_enable: boolean(
    true,
    'Take records of a transaction only for partitions that were added to it (KIP-890).',
  ),
  transaction_state_log_num_partitions: int(50, 'Partitions of __transaction_state.', { min: 1 }),
  transaction_state_log_replication_factor: int(
    1,
    'The same of __transaction_state; 1 where the broker is alone.',
    replicas,
  ),
  transaction_state_log_min_isr: int(1, 'Accepted for compatibility: there is one replica.', { min: 1 }),
  transaction_state_log_segment_bytes: int(104_857_600, 'Segment size of __transaction_state.', { min: 1 }),
}

/** Every key that a broker knows. */
export const brokerKeys = {
  ...ownKeys,
  ...securityKeys,
  ...serverKeys,
  ...limitKeys,
  ...quotaKeys,
  ...clusterKeys,
  ...topicKeys,
  ...logKeys,
  ...groupKeys,
  ...transactionKeys,
  ...telemetryKeys,
}

export type BrokerKey = keyof typeof brokerKeys

export type BrokerValues = {
  readonly [Key in BrokerKey]: (typeof brokerKeys)[Key] extends Setting<infer Value> ? Value : never
}

export function isBrokerKey(key: string): key is BrokerKey {
  return Object.hasOwn(brokerKeys, key)
}
