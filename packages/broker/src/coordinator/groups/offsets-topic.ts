import { defaultGroupConfig, type GroupConfig } from '@rivven/groups'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../../catalog/catalog.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import type { Logs } from '../../log/logs.js'
import { ShardHost } from '../shards/shard-host.js'
import type { GroupObserver } from './group-observer.js'
import { type GroupHost, GroupRules } from './group-rules.js'

export interface CoordinatorOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly catalog: Catalog
  readonly logs: Logs
  readonly log: Logger
  /** Told of every rebalance. */
  readonly observers?: readonly GroupObserver[]
}

export const offsetsTopic = '__consumer_offsets'

/** Each reads a piece of its log into memory. */
const loadedAtOnce = 8

/** Makes the topic if it is not there, and loads the groups of each of its partitions: one host for each, in their order. */
export async function openOffsetsTopic(options: CoordinatorOptions): Promise<readonly GroupHost[]> {
  const { catalog, config, logs, runtime, log: logger, observers = [] } = options
  const topic =
    catalog.topic(offsetsTopic) ??
    (await catalog.createTopic(offsetsTopic, config.offsets_topic_num_partitions, topicConfigs(config)))
  const roomForOffsets = () => config.max_committed_offsets - weightOf(hosts)
  const rules = new GroupRules({ runtime, config: groupConfigOf(config), logger, observers, roomForOffsets })
  const hosts: readonly GroupHost[] = Array.from({ length: topic.partitionCount }, (_, partition) => {
    const log = logs.get(offsetsTopic, partition)
    if (!log) throw new Error(`${offsetsTopic}-${partition} has no log.`)
    return new ShardHost({ log, runtime, logger, rules })
  })
  await loadAll(hosts)
  return hosts
}

function weightOf(hosts: readonly GroupHost[]): number {
  return hosts.reduce((sum, { shard }) => sum + shard.offsetWeight, 0)
}

/** Loads what all partitions hold, some at a time. */
export async function loadAll(hosts: readonly { load(): Promise<void> }[]): Promise<void> {
  const waiting = hosts.values()
  const loaders = Array.from({ length: loadedAtOnce }, async () => {
    for (const host of waiting) await host.load()
  })
  await Promise.all(loaders)
}

function groupConfigOf(config: BrokerConfig): GroupConfig {
  return {
    minSessionTimeoutMs: config.group_min_session_timeout_ms,
    maxSessionTimeoutMs: config.group_max_session_timeout_ms,
    initialRebalanceDelayMs: config.group_initial_rebalance_delay_ms,
    gatherMs: defaultGroupConfig.gatherMs,
    maxSize: config.group_max_size,
    maxMemberBytes: config.group_max_member_bytes,
    maxHandedOutIds: config.group_max_handed_out_ids,
    newMemberJoinTimeoutMs: defaultGroupConfig.newMemberJoinTimeoutMs,
    offsetMetadataMaxBytes: config.offset_metadata_max_bytes,
    offsetsRetentionMs: config.offsets_retention_minutes * 60_000,
  }
}

function topicConfigs(config: BrokerConfig): Map<string, string> {
  return new Map([
    ['cleanup.policy', 'compact'],
    ['compression.type', 'producer'],
    ['segment.bytes', String(config.offsets_topic_segment_bytes)],
  ])
}
