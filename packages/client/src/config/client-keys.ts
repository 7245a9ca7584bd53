/** What a value in rivven.yaml or the environment is read as. A secret is a text that nothing shows. */
export type ValueKind = 'text' | 'number' | 'switch' | 'texts' | 'acks' | 'secret'

/** Keys of all sections for clients that say how connections are secured: the options `ssl` and `sasl`, by librdkafka's names. */
export const securityKeys = {
  security_protocol: 'text',
  sasl_mechanism: 'text',
  sasl_username: 'text',
  sasl_password: 'secret',
  sasl_password_file: 'text',
  sasl_token_file: 'text',
  ssl_ca_location: 'text',
  ssl_certificate_location: 'text',
  ssl_key_location: 'text',
  ssl_key_password: 'secret',
  ssl_endpoint_identification_algorithm: 'text',
} as const satisfies Record<string, ValueKind>

/** Keys of all sections for clients: the options of ClusterOptions in snake_case. */
const clusterKeys = {
  bootstrap_servers: 'texts',
  client_id: 'text',
  request_timeout_ms: 'number',
  connect_timeout_ms: 'number',
  unreachable_timeout_ms: 'number',
  metadata_max_age_ms: 'number',
  retry_backoff_ms: 'number',
  max_retry_backoff_ms: 'number',
  max_response_bytes: 'number',
  ...securityKeys,
} as const satisfies Record<string, ValueKind>

/** Keys of `consumer:`, the options of ConsumerOptions. */
export const consumerKeys = {
  ...clusterKeys,
  group_id: 'text',
  group_instance_id: 'text',
  auto_offset_reset: 'text',
  enable_auto_commit: 'switch',
  auto_commit_interval_ms: 'number',
  isolation_level: 'text',
  max_poll_records: 'number',
  fetch_min_bytes: 'number',
  fetch_max_wait_ms: 'number',
  fetch_max_bytes: 'number',
  max_partition_fetch_bytes: 'number',
  max_buffered_bytes: 'number',
  session_timeout_ms: 'number',
  heartbeat_interval_ms: 'number',
  max_poll_interval_ms: 'number',
  partition_assignment_strategy: 'texts',
  rebalance_protocol: 'text',
  client_rack: 'text',
  api_timeout_ms: 'number',
  allow_auto_create: 'switch',
  enable_metrics_push: 'switch',
} as const satisfies Record<string, ValueKind>

/** Keys of `producer:`, the options of ProducerOptions. */
export const producerKeys = {
  ...clusterKeys,
  linger_ms: 'number',
  batch_size: 'number',
  compression: 'text',
  acks: 'acks',
  idempotent: 'switch',
  max_in_flight: 'number',
  max_request_bytes: 'number',
  delivery_timeout_ms: 'number',
  buffer_memory: 'number',
  max_block_ms: 'number',
  allow_auto_create: 'switch',
  transactional_id: 'text',
  transaction_timeout_ms: 'number',
} as const satisfies Record<string, ValueKind>
