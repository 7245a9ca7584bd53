import type { BrokerConfig } from './broker-config.js'
import { ConfigError } from './config-error.js'

/** Coordinators that read their partition anew whenever it moves want it small. */
const SHARED_SEGMENT_BYTES = 4_194_304

const replicationKeys = [
  'default_replication_factor',
  'offsets_topic_replication_factor',
  'transaction_state_log_replication_factor',
] as const

/** The settings of a broker that is alone. @throws ConfigError where they ask for others */
export function aloneConfig(config: BrokerConfig): BrokerConfig {
  const asked = replicationKeys.find((key) => config[key] > 1)
  if (asked) throw new ConfigError(`${asked} is ${config[asked]}: this broker is alone, so only 1 is possible.`)
  return config
}

/** The settings of one of several brokers on one database. @throws ConfigError where they contradict each other */
export function sharedConfig(config: BrokerConfig): BrokerConfig {
  const { lease_ms: lease, lease_renew_ms: renew, given } = config
  if (renew > lease / 4) {
    const why = 'a renewal or two may fail without the lease being lost'
    throw new ConfigError(
      `lease_renew_ms is ${renew}, and must be a quarter of lease_ms (${lease}) at most, so that ${why}.`,
    )
  }
  const segmentBytes = (key: 'offsets_topic_segment_bytes' | 'transaction_state_log_segment_bytes') =>
    given.has(key) ? config[key] : SHARED_SEGMENT_BYTES
  return {
    ...config,
    offsets_topic_segment_bytes: segmentBytes('offsets_topic_segment_bytes'),
    transaction_state_log_segment_bytes: segmentBytes('transaction_state_log_segment_bytes'),
  }
}
