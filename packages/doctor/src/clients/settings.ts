import type { ClientKind } from './client-kind.js'

/** How a client spells a setting. */
export interface Spelling {
  readonly key: string
  /** Where it stands, if not where most settings of this client do. */
  readonly file?: string
  /** Its words for values; of values that it has no word for, where others have one, nothing is suggested. */
  readonly values?: Readonly<Record<string, string | boolean>>
}

/** By client; a client without the setting is missing. */
export type Setting = Readonly<Partial<Record<ClientKind, Spelling>>>

/** Ours; Java and librdkafka write most with dots. */
function setting(key: string, others: Partial<Record<ClientKind, Spelling | null>> = {}): Setting {
  const dotted = { key: key.replaceAll('_', '.') }
  const all = { rivven: { key }, 'apache-kafka-java': dotted, librdkafka: dotted, ...others }
  return Object.fromEntries(Object.entries(all).filter(([, spelling]) => spelling !== null)) as Setting
}

const kafkajsRun = 'consumer.run()'
const java = 'org.apache.kafka.clients.consumer.'

/** Settings of consumers that checks speak of. */
export const settings = {
  maxPollRecords: setting('max_poll_records', { librdkafka: null }),
  maxPollIntervalMs: setting('max_poll_interval_ms'),
  sessionTimeoutMs: setting('session_timeout_ms', { kafkajs: { key: 'sessionTimeout' } }),
  heartbeatIntervalMs: setting('heartbeat_interval_ms', { kafkajs: { key: 'heartbeatInterval' } }),
  groupInstanceId: setting('group_instance_id'),
  enableAutoCommit: setting('enable_auto_commit', { kafkajs: { key: 'autoCommit', file: kafkajsRun } }),
  autoCommitIntervalMs: setting('auto_commit_interval_ms', {
    kafkajs: { key: 'autoCommitInterval', file: kafkajsRun },
  }),
  isolationLevel: setting('isolation_level', {
    kafkajs: { key: 'readUncommitted', values: { read_committed: false, read_uncommitted: true } },
  }),
  fetchMaxBytes: setting('fetch_max_bytes', { kafkajs: { key: 'maxBytes' } }),
  maxPartitionFetchBytes: setting('max_partition_fetch_bytes', { kafkajs: { key: 'maxBytesPerPartition' } }),
  assignmentStrategy: setting('partition_assignment_strategy', {
    'apache-kafka-java': {
      key: 'partition.assignment.strategy',
      values: {
        cooperative_sticky: `${java}CooperativeStickyAssignor`,
        round_robin: `${java}RoundRobinAssignor`,
        range: `${java}RangeAssignor`,
      },
    },
    librdkafka: {
      key: 'partition.assignment.strategy',
      values: { cooperative_sticky: 'cooperative-sticky', round_robin: 'roundrobin', range: 'range' },
    },
    // It knows eager assignors alone.
    kafkajs: { key: 'partitionAssigners', values: { round_robin: '[PartitionAssigners.roundRobin]' } },
  }),
} satisfies Record<string, Setting>
