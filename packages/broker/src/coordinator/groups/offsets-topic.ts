import { bytesOfGroup, defaultGroupConfig, type GroupConfig, MemberRoom } from '@rivven/groups'
import { ErrorCode } from '@rivven/protocol'
import type { Runtime } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../../catalog/catalog.js'
import type { BrokerConfig } from '../../config/broker-config.js'
import type { Logs } from '../../log/logs.js'
import type { GroupHistories } from '../history/group-histories.js'
import { ShardHost } from '../shards/shard-host.js'
import { ShardHosts } from '../shards/shard-hosts.js'
import type { GroupObserver } from './group-observer.js'
import { type GroupHosts, GroupRules } from './group-rules.js'

export interface CoordinatorOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly catalog: Catalog
  readonly logs: Logs
  readonly log: Logger
  /** False while this broker may have been replaced. Default: it serves. */
  readonly isServing?: (() => boolean) | undefined
  /** Whether this broker leads a partition of a topic, be it open here yet or not. Default: it leads what it has gained. */
  readonly leads?: ((topic: string, partition: number) => boolean) | undefined
  /** Told of every rebalance. */
  readonly observers?: readonly GroupObserver[]
  /** Where it is remembered how groups go. Default: one of its own. */
  readonly histories?: GroupHistories
}

export const offsetsTopic = '__consumer_offsets'

/** The shards of groups. The topic is made when the first group asks for it. */
export function groupHosts(options: CoordinatorOptions): GroupHosts {
  const { catalog, config, runtime, log: logger, observers = [], isServing, leads } = options
  const roomForOffsets = () => config.max_committed_offsets - weightOf(hosts)
  const memberRoom = new MemberRoom(config.max_members_bytes, () => memberBytesOf(hosts))
  const groups = { config: groupConfigOf(config), observers, roomForOffsets, memberRoom }
  const rules = new GroupRules({ runtime, logger, ...groups })
  const hosts: GroupHosts = new ShardHosts({
    topic: offsetsTopic,
    partitionCount: config.offsets_topic_num_partitions,
    replicationFactor: config.offsets_topic_replication_factor,
    configs: topicConfigs(config),
    catalog,
    log: logger,
    isServing,
    leads: leads && ((partition) => leads(offsetsTopic, partition)),
    hostOf: (log) => new ShardHost({ log, runtime, logger, rules, isServing }),
    entriesOf: ({ groups }) => groups,
    mostEntries: config.max_groups,
    // Clients try again: groups end by themselves when nobody uses them.
    fullCode: ErrorCode.COORDINATOR_NOT_AVAILABLE,
  })
  return hosts
}

function weightOf(hosts: GroupHosts): number {
  let weight = 0
  for (const { shard } of hosts.all()) weight += shard.offsetWeight
  return weight
}

function memberBytesOf(hosts: GroupHosts): number {
  let bytes = 0
  for (const { shard } of hosts.all()) for (const group of shard.groups.values()) bytes += bytesOfGroup(group)
  return bytes
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
