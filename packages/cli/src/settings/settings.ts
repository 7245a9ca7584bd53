import type { consumerKeys, producerKeys } from '@rivven/client'

/**
 * What a key is about, and so where rivvenctl takes it from. A rivven.yaml and an environment are an application's: they
 * say how to reach its cluster, and who it is there. The first is good for whoever looks at that cluster; the second would
 * make rivvenctl join the application's group, push out its static member or commit for it.
 *
 * - `cluster`: how brokers are reached; from file, environment and command line, for all commands
 * - `records`: how records are read and written; from there, too
 * - `identity`: who one is, and what acts on groups, transactions and topics for it; from the command line alone
 */
export type Matter = 'cluster' | 'records' | 'identity'

type Key = keyof typeof consumerKeys | keyof typeof producerKeys

const matters = {
  bootstrap_servers: 'cluster',
  client_id: 'identity',
  request_timeout_ms: 'cluster',
  connect_timeout_ms: 'cluster',
  unreachable_timeout_ms: 'cluster',
  metadata_max_age_ms: 'cluster',
  retry_backoff_ms: 'cluster',
  max_retry_backoff_ms: 'cluster',
  max_response_bytes: 'cluster',
  security_protocol: 'cluster',
  sasl_mechanism: 'cluster',
  sasl_username: 'cluster',
  sasl_password: 'cluster',
  sasl_password_file: 'cluster',
  sasl_token_file: 'cluster',
  ssl_ca_location: 'cluster',
  ssl_certificate_location: 'cluster',
  ssl_key_location: 'cluster',
  ssl_key_password: 'cluster',
  ssl_endpoint_identification_algorithm: 'cluster',

  group_id: 'identity',
  group_instance_id: 'identity',
  auto_offset_reset: 'records',
  enable_auto_commit: 'identity',
  auto_commit_interval_ms: 'identity',
  isolation_level: 'records',
  max_poll_records: 'records',
  fetch_min_bytes: 'records',
  fetch_max_wait_ms: 'records',
  fetch_max_bytes: 'records',
  max_partition_fetch_bytes: 'records',
  max_buffered_bytes: 'records',
  session_timeout_ms: 'identity',
  heartbeat_interval_ms: 'identity',
  max_poll_interval_ms: 'identity',
  partition_assignment_strategy: 'identity',
  rebalance_protocol: 'identity',
  client_rack: 'records',
  api_timeout_ms: 'records',
  allow_auto_create: 'identity',
  enable_metrics_push: 'identity',

  linger_ms: 'records',
  batch_size: 'records',
  compression: 'records',
  acks: 'records',
  idempotent: 'records',
  max_in_flight: 'records',
  max_request_bytes: 'records',
  delivery_timeout_ms: 'records',
  buffer_memory: 'records',
  max_block_ms: 'records',
  transactional_id: 'identity',
  transaction_timeout_ms: 'identity',
} as const satisfies Record<Key, Matter>

/** Options that several keys make together. */
const ofSecurity = { ssl: 'cluster', sasl: 'cluster' } as const

const matterOfOption: ReadonlyMap<string, Matter> = new Map([
  ...Object.entries(matters).map(([key, matter]) => [camelCase(key), matter] as const),
  ...Object.entries(ofSecurity),
])

/** Of options that a file or the environment gave those about such matters. */
export function settingsAbout<Options extends object>(options: Options, ...about: Matter[]): Options {
  const kept = Object.entries(options).filter(([name]) => about.includes(matterOfOption.get(name) ?? 'identity'))
  return Object.fromEntries(kept) as Options
}

/** `session_timeout_ms` is the option `sessionTimeoutMs`. */
export function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
