import {
  commitAppendError,
  commitOffsets,
  deleteGroup,
  deleteOffsets,
  describeGroup,
  expireOffsets,
  type FetchedGroup,
  fetchOffsets,
  type GroupConfig,
  heartbeat,
  heartbeatAnswer,
  joinGroup,
  joinGroupRefusal,
  type ListedGroup,
  type ListFilters,
  leaveGroup,
  leaveGroupRefusal,
  listGroups,
  type OffsetsAsked,
  offsetCommitRefusal,
  offsetDeleteRefusal,
  syncGroup,
  syncGroupRefusal,
  topicDeleted,
} from '@rivven/groups'
import {
  type DeleteGroupsResponse,
  type DescribeGroupsResponse,
  ErrorCode,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  partitionForGroup,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@rivven/protocol'
import type { Runtime, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'
import type { Catalog } from '../catalog/catalog.js'
import type { BrokerConfig } from '../config/broker-config.js'
import type { Logs } from '../log/logs.js'
import { type Asker, type Command, ShardHost } from './shard-host.js'

export interface CoordinatorOptions {
  readonly config: BrokerConfig
  readonly runtime: Runtime
  readonly catalog: Catalog
  readonly logs: Logs
  readonly log: Logger
}

type MaybePromise<T> = T | Promise<T>

export const offsetsTopic = '__consumer_offsets'

/**
 * The group coordinator of this broker: finds the shard of a group by its hash and hands requests to it. A broker that is
 * alone leads every partition of `__consumer_offsets`; the topic is made when the first group asks for it.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions
  readonly #groupConfig: GroupConfig
  #shards: readonly ShardHost[] | undefined
  #opening: Promise<readonly ShardHost[]> | undefined
  #sweep: Timer | undefined
  #stopWatching: (() => void) | undefined

  constructor(options: CoordinatorOptions) {
    this.#options = options
    this.#groupConfig = groupConfigOf(options.config)
  }

  /** Loads the groups of an earlier life, if there are any. */
  async start(): Promise<void> {
    const { catalog } = this.#options
    this.#stopWatching = catalog.onChange((change) => {
      if (change.kind === 'deleted') this.#each((shard) => topicDeleted(shard, change.topic.name))
    })
    if (catalog.topic(offsetsTopic)) await this.#open()
    this.#scheduleSweep()
  }

  async close(): Promise<void> {
    this.#sweep?.cancel()
    this.#stopWatching?.()
    const shards = this.#shards ?? (this.#opening ? await this.#opening.catch(() => []) : [])
    await Promise.all(shards.map((shard) => shard.unload()))
  }

  /** Resolves when this broker answers for groups: makes their topic the first time. */
  async ready(): Promise<void> {
    if (!this.#shards) await this.#open()
  }

  joinGroup(request: JoinGroupRequest, context: Asker): MaybePromise<JoinGroupResponse> {
    const { memberId, groupId } = request
    const refuse = (errorCode: number) => joinGroupRefusal(errorCode, memberId, context.apiVersion)
    // Checked before the coordinator is asked for (classic-groups.md §2.2).
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    return this.#run({ run: joinGroup, refuse }, request, {
      groupId,
      context,
      whileLoading: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    })
  }

  syncGroup(request: SyncGroupRequest, context: Asker): MaybePromise<SyncGroupResponse> {
    // The Java client takes 14 on SyncGroup as fatal; 27 makes it join again (classic-groups.md §1.11).
    const { groupId } = request
    return this.#run({ run: syncGroup, refuse: syncGroupRefusal }, request, {
      groupId,
      context,
      whileLoading: ErrorCode.REBALANCE_IN_PROGRESS,
    })
  }

  heartbeat(request: HeartbeatRequest, context: Asker): MaybePromise<HeartbeatResponse> {
    const { groupId } = request
    return this.#run(heartbeatCommand, request, { groupId, context, whileLoading: ErrorCode.NONE })
  }

  leaveGroup(request: LeaveGroupRequest, context: Asker): MaybePromise<LeaveGroupResponse> {
    const { groupId } = request
    return this.#run({ run: leaveGroup, refuse: leaveGroupRefusal }, request, {
      groupId,
      context,
      whileLoading: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    })
  }

  /** The caller has left out unknown topics and partitions. */
  commitOffsets(request: OffsetCommitRequest, context: Asker): MaybePromise<OffsetCommitResponse> {
    const { groupId } = request
    const refuse = (errorCode: number) => offsetCommitRefusal(request, commitAppendError(errorCode))
    return this.#run({ run: commitOffsets, refuse }, request, {
      groupId,
      context,
      whileLoading: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    })
  }

  /** The caller has left out unknown topics and partitions. */
  deleteOffsets(request: OffsetDeleteRequest, context: Asker): MaybePromise<OffsetDeleteResponse> {
    const { groupId } = request
    return this.#run({ run: deleteOffsets, refuse: offsetDeleteRefusal }, request, {
      groupId,
      context,
      whileLoading: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    })
  }

  deleteGroup(groupId: string, context: Asker): MaybePromise<DeleteGroupsResponse['results'][number]> {
    const refuse = (errorCode: number) => ({ groupId, errorCode })
    const command: Command<string, { groupId: string; errorCode: number }> = {
      run: (shard, { ticket }) => deleteGroup(shard, groupId, ticket),
      refuse,
    }
    return this.#run(command, groupId, { groupId, context, whileLoading: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS })
  }

  fetchOffsets(asked: OffsetsAsked, requireStable: boolean): MaybePromise<FetchedGroup> {
    const loading = { groupId: asked.groupId, topics: [], errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS }
    return this.#with(asked.groupId, (host) =>
      host.isLoaded ? host.read((shard) => fetchOffsets(shard, asked, requireStable)) : loading,
    )
  }

  describeGroup(groupId: string, apiVersion: number): MaybePromise<DescribeGroupsResponse['groups'][number]> {
    return this.#with(groupId, (host) => {
      if (host.isLoaded) return host.read((shard) => describeGroup(shard, groupId, apiVersion))
      return {
        errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        errorMessage: null,
        groupId,
        groupState: '',
        protocolType: '',
        protocolData: '',
        members: [],
        authorizedOperations: -2147483648,
      }
    })
  }

  /** Groups of all shards; undefined while one of them loads. */
  listGroups(filters: ListFilters): ListedGroup[] | undefined {
    if (!this.#shards) return this.#opening ? undefined : []
    if (this.#shards.some((host) => !host.isLoaded)) return undefined
    return this.#shards.flatMap((host) => listGroups(host.shard, filters))
  }

  #run<Request, Response>(
    command: Command<Request, Response>,
    request: Request,
    { groupId, context, whileLoading }: { groupId: string; context: Asker; whileLoading: number },
  ): MaybePromise<Response> {
    return this.#with(groupId, (host) =>
      host.isLoaded ? host.run(command, request, context) : command.refuse(whileLoading),
    )
  }

  #with<Result>(groupId: string, use: (host: ShardHost) => MaybePromise<Result>): MaybePromise<Result> {
    const shards = this.#shards
    if (shards) return use(shards[partitionForGroup(groupId, shards.length)]!)
    return this.#open().then((opened) => use(opened[partitionForGroup(groupId, opened.length)]!))
  }

  #open(): Promise<readonly ShardHost[]> {
    this.#opening ??= this.#openShards().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #openShards(): Promise<readonly ShardHost[]> {
    const { catalog, config, logs, runtime, log } = this.#options
    const topic =
      catalog.topic(offsetsTopic) ??
      (await catalog.createTopic(offsetsTopic, config.offsets_topic_num_partitions, offsetsTopicConfigs(config)))
    const shards = Array.from({ length: topic.partitionCount }, (_, partition) => {
      return new ShardHost({ log: logs.get(offsetsTopic, partition)!, runtime, config: this.#groupConfig, logger: log })
    })
    await Promise.all(shards.map((shard) => shard.load()))
    this.#shards = shards
    return shards
  }

  /** KIP-211: what expired is looked for every offsets.retention.check.interval.ms. */
  #scheduleSweep(): void {
    this.#sweep = this.#options.runtime.clock.setTimer(this.#options.config.offsets_retention_check_interval_ms, () => {
      this.#each(expireOffsets)
      this.#scheduleSweep()
    })
  }

  #each(decide: Parameters<ShardHost['act']>[0]): void {
    for (const host of this.#shards ?? []) host.act(decide)
  }
}

const heartbeatCommand: Command<HeartbeatRequest, HeartbeatResponse> = {
  run: heartbeat,
  refuse: heartbeatAnswer,
  isImmediate: true,
}

function groupConfigOf(config: BrokerConfig): GroupConfig {
  return {
    minSessionTimeoutMs: config.group_min_session_timeout_ms,
    maxSessionTimeoutMs: config.group_max_session_timeout_ms,
    initialRebalanceDelayMs: config.group_initial_rebalance_delay_ms,
    maxSize: config.group_max_size,
    newMemberJoinTimeoutMs: 300_000,
    offsetMetadataMaxBytes: config.offset_metadata_max_bytes,
    offsetsRetentionMs: config.offsets_retention_minutes * 60_000,
  }
}

function offsetsTopicConfigs(config: BrokerConfig): Map<string, string> {
  return new Map([
    ['cleanup.policy', 'compact'],
    ['compression.type', 'producer'],
    ['segment.bytes', String(config.offsets_topic_segment_bytes)],
  ])
}
