import {
  commitAppendError,
  commitInTransaction,
  commitOffsets,
  type DescribedGroup,
  deleteGroup,
  deleteOffsets,
  describeGroup,
  type EndedTransaction,
  endTransaction,
  expireOffsets,
  type FetchedGroup,
  fetchAppendError,
  fetchOffsets,
  type Group,
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
  operationsNotAsked,
  orphanHandedOutIds,
  syncGroup,
  syncGroupRefusal,
  topicDeleted,
  txnOffsetCommitRefusal,
} from '@rivven/groups'
import {
  coordinatorAppendError,
  type DeleteGroupsResponse,
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
  type TxnOffsetCommitRequest,
  type TxnOffsetCommitResponse,
} from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import type { RequestConnection } from '../../request-connection.js'
import type { Asker } from '../shards/shard-host.js'
import { GroupMetrics } from './group-metrics.js'
import type { GroupCommand, GroupHost } from './group-rules.js'
import { HandedOutIds } from './handed-out-ids.js'
import { type CoordinatorOptions, offsetsTopic, openOffsetsTopic } from './offsets-topic.js'

type MaybePromise<T> = T | Promise<T>
type DeletedGroup = DeleteGroupsResponse['results'][number]

/**
 * The group coordinator of this broker: finds the shard of a group by its hash and hands requests to it. A broker that is
 * alone leads every partition of `__consumer_offsets`; the topic is made when the first group asks for it.
 */
export class Coordinator {
  /** What was counted of the groups here. */
  readonly metrics = new GroupMetrics()
  readonly #options: CoordinatorOptions
  readonly #handedOut = new HandedOutIds((groupId, memberIds) => {
    this.#hostOf(groupId)?.act((shard, now) => orphanHandedOutIds(shard, { groupId, memberIds }, now))
  })
  #hosts: readonly GroupHost[] | undefined
  #opening: Promise<readonly GroupHost[]> | undefined
  #sweep: Timer | undefined
  #stopWatching: (() => void) | undefined
  #isClosed = false

  constructor(options: CoordinatorOptions) {
    this.#options = { ...options, observers: [...(options.observers ?? []), this.metrics] }
  }

  /** Loads the groups of an earlier life, if there are any. */
  async start(): Promise<void> {
    const { catalog } = this.#options
    this.#stopWatching = catalog.onChange((change) => {
      if (change.kind !== 'deleted') return
      for (const host of this.#hosts ?? []) host.actInAnyCase((shard) => topicDeleted(shard, change.topic.name))
    })
    if (catalog.topic(offsetsTopic)) await this.#open()
    this.#scheduleSweep()
  }

  /** Answers who waits; nothing is taken any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#sweep?.cancel()
    this.#stopWatching?.()
    const hosts = this.#hosts ?? (this.#opening ? await this.#opening.catch(() => []) : [])
    await Promise.all(hosts.map((host) => host.unload()))
  }

  /** This broker leads the partition of `__consumer_offsets` from now on: its groups are loaded, then served. */
  async load(partition: number): Promise<void> {
    await this.#hosts?.[partition]?.load()
  }

  /** It does no longer: whoever waits is told to look for the coordinator, and nothing more is written. */
  async unload(partition: number): Promise<void> {
    await this.#hosts?.[partition]?.unload()
  }

  /** Makes the topic of groups the first time. NONE when groups are served, COORDINATOR_NOT_AVAILABLE if that failed. */
  async ready(): Promise<number> {
    return this.#with('', () => ErrorCode.NONE, notAvailable)
  }

  /** An id that is handed out over `connection` is awaited for a moment only once that is closed. */
  joinGroup(request: JoinGroupRequest, context: Asker, connection: RequestConnection): MaybePromise<JoinGroupResponse> {
    const { memberId, groupId } = request
    if (memberId !== '') this.#handedOut.used(connection, memberId)
    const refuse = (errorCode: number) =>
      joinGroupRefusal(coordinatorAppendError(errorCode), memberId, context.apiVersion)
    // Checked before the coordinator is asked for (classic-groups.md §2.2).
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    const answer = this.#runForAny({ run: joinGroup, refuse }, groupId, request, context)
    if (memberId !== '') return answer
    const note = (response: JoinGroupResponse) => {
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED)
        this.#handedOut.given(connection, groupId, response.memberId)
      return response
    }
    return answer instanceof Promise ? answer.then(note) : note(answer)
  }

  syncGroup(request: SyncGroupRequest, context: Asker): MaybePromise<SyncGroupResponse> {
    return this.#run(syncCommand, request.groupId, request, context)
  }

  heartbeat(request: HeartbeatRequest, context: Asker): MaybePromise<HeartbeatResponse> {
    return this.#run(heartbeatCommand, request.groupId, request, context)
  }

  leaveGroup(request: LeaveGroupRequest, context: Asker): MaybePromise<LeaveGroupResponse> {
    return this.#run(leaveCommand, request.groupId, request, context)
  }

  /** The caller has left out unknown topics and partitions. */
  commitOffsets(request: OffsetCommitRequest, context: Asker): MaybePromise<OffsetCommitResponse> {
    const refuse = (errorCode: number) => offsetCommitRefusal(request, commitAppendError(errorCode))
    const { clock } = this.#options.runtime
    const startedAt = clock.monotonic()
    const answer = this.#runForAny({ run: commitOffsets, refuse }, request.groupId, request, context)
    // What needs no disk is a refusal; a failed append may be answered late, too.
    if (answer instanceof Promise) void answer.then((response) => this.#committed(request, response, startedAt), ignore)
    return answer
  }

  /**
   * Offsets of a transaction. The caller has left out unknown topics and partitions; `isOpen` is asked right before they
   * are taken: a marker in between would leave them without one.
   */
  commitInTransaction(
    request: TxnOffsetCommitRequest,
    context: Asker,
    isOpen: () => boolean,
  ): MaybePromise<TxnOffsetCommitResponse> {
    const refuse = (errorCode: number) => txnOffsetCommitRefusal(request, commitAppendError(errorCode))
    return this.#with(
      request.groupId,
      (host) => {
        if (!isOpen()) return refuse(ErrorCode.INVALID_TXN_STATE)
        if (this.#isFullFor(host, request.groupId)) return refuse(ErrorCode.POLICY_VIOLATION)
        return host.run({ run: commitInTransaction, refuse }, request, context)
      },
      refuse,
    )
  }

  /** The partition of `__consumer_offsets` that holds a group; makes the topic if need be. Undefined if that failed. */
  async partitionOf(groupId: string): Promise<number | undefined> {
    const hosts = this.#hosts ?? (await this.#open().catch(() => undefined))
    return hosts && partitionForGroup(groupId, hosts.length)
  }

  /** Writes the marker of a transaction into a partition of `__consumer_offsets`, in order with what groups write there. */
  endTransaction(partition: number, ended: EndedTransaction): MaybePromise<number> {
    const host = this.#hosts?.[partition]
    const log = this.#options.logs.get(offsetsTopic, partition)
    if (!host || !log) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (!host.isLoaded) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    const errorCode = log.producers.checkMarker(ended)
    if (errorCode !== ErrorCode.NONE) return errorCode
    return host.run(endCommand, ended, nobody)
  }

  /** The caller has left out unknown topics and partitions. */
  deleteOffsets(request: OffsetDeleteRequest, context: Asker): MaybePromise<OffsetDeleteResponse> {
    return this.#run(deleteOffsetsCommand, request.groupId, request, context)
  }

  deleteGroup(groupId: string, context: Asker): MaybePromise<DeletedGroup> {
    const command: GroupCommand<string, DeletedGroup> = {
      run: (shard, { ticket }) => deleteGroup(shard, groupId, ticket),
      refuse: (errorCode) => ({ groupId, errorCode: coordinatorAppendError(errorCode) }),
    }
    return this.#run(command, groupId, groupId, context)
  }

  fetchOffsets(asked: OffsetsAsked, requireStable: boolean): MaybePromise<FetchedGroup> {
    const { groupId } = asked
    const refuse = (errorCode: number) => ({ groupId, topics: [], errorCode: fetchAppendError(errorCode) })
    return this.#with(
      groupId,
      (host) => host.read((shard) => fetchOffsets(shard, asked, requireStable), refuse),
      refuse,
    )
  }

  describeGroup(groupId: string, apiVersion: number): MaybePromise<DescribedGroup> {
    const refuse = (errorCode: number) => undescribed(groupId, coordinatorAppendError(errorCode))
    return this.#with(
      groupId,
      (host) => host.read((shard) => describeGroup(shard, groupId, apiVersion), refuse),
      refuse,
    )
  }

  /** What `look` sees of one group, once that is durable; `refuse` while its shard is not loaded. */
  look<Result>(
    groupId: string,
    look: (group: Group | undefined) => Result,
    refuse: () => Result,
  ): MaybePromise<Result> {
    const host = this.#hostOf(groupId)
    if (host) return host.read((shard) => look(shard.groups.get(groupId)), refuse)
    return this.#opening ? refuse() : look(undefined)
  }

  /** The groups of all shards that are loaded, as they are in memory. May be read over several turns. */
  *groups(): Iterable<Group> {
    for (const host of this.#hosts ?? []) if (host.isLoaded) yield* host.shard.groups.values()
  }

  /** How many partitions of the topic of groups are loaded; 0 of 0 while it does not exist. */
  get progress(): { readonly loaded: number; readonly shards: number } {
    const shards = this.#options.catalog.topic(offsetsTopic)?.partitionCount ?? 0
    let loaded = 0
    for (const host of this.#hosts ?? []) if (host.isLoaded) loaded += 1
    return { loaded, shards }
  }

  /** Groups of all shards; undefined while one of them loads. */
  listGroups(filters: ListFilters): ListedGroup[] | undefined {
    if (!this.#hosts) return this.#opening ? undefined : []
    if (this.#hosts.some((host) => !host.isLoaded)) return undefined
    return this.#hosts.flatMap((host) => listGroups(host.shard, filters))
  }

  /** Undefined while there are no groups at all. */
  #hostOf(groupId: string): GroupHost | undefined {
    return this.#hosts?.[partitionForGroup(groupId, this.#hosts.length)]
  }

  #run<Request, Response>(
    command: GroupCommand<Request, Response>,
    groupId: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    return this.#with(groupId, (host) => host.run(command, request, context), command.refuse)
  }

  /** The same for what may make a group. */
  #runForAny<Request, Response>(
    command: GroupCommand<Request, Response>,
    groupId: string,
    request: Request,
    context: Asker,
  ): MaybePromise<Response> {
    const use = (host: GroupHost) =>
      this.#isFullFor(host, groupId) ? command.refuse(ErrorCode.POLICY_VIOLATION) : host.run(command, request, context)
    return this.#with(groupId, use, command.refuse)
  }

  /** There are as many groups as may be, and this is none of them. A shard that loads says so itself. */
  #isFullFor({ isLoaded, shard }: GroupHost, groupId: string): boolean {
    if (!isLoaded || shard.groups.has(groupId)) return false
    let count = 0
    for (const host of this.#hosts ?? []) count += host.shard.groups.size
    return count >= this.#options.config.max_groups
  }

  #committed({ groupId }: OffsetCommitRequest, { topics }: OffsetCommitResponse, startedAt: number): void {
    const isStored = topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode === ErrorCode.NONE))
    const group = this.#hostOf(groupId)?.shard.groups.get(groupId)
    if (isStored && group) this.metrics.committed(group, this.#options.runtime.clock.monotonic() - startedAt)
  }

  #with<Result>(
    groupId: string,
    use: (host: GroupHost) => MaybePromise<Result>,
    refuse: (errorCode: number) => Result,
  ): MaybePromise<Result> {
    const hosts = this.#hosts
    if (hosts) return use(hosts[partitionForGroup(groupId, hosts.length)]!)
    return this.#open().then(
      (opened) => use(opened[partitionForGroup(groupId, opened.length)]!),
      () => refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE),
    )
  }

  #open(): Promise<readonly GroupHost[]> {
    this.#opening ??= openOffsetsTopic(this.#options).then(
      (hosts) => {
        this.#hosts = hosts
        return hosts
      },
      (error: unknown) => {
        this.#opening = undefined
        this.#options.log.error({ error }, `${offsetsTopic} cannot be made`)
        throw error
      },
    )
    return this.#opening
  }

  /** KIP-211: what expired is looked for every offsets.retention.check.interval.ms, one shard after the other. */
  #scheduleSweep(): void {
    const { runtime, config } = this.#options
    this.#sweep = runtime.clock.setTimer(config.offsets_retention_check_interval_ms, () => this.#sweepFrom(0))
  }

  #sweepFrom(partition: number): void {
    const host = this.#hosts?.[partition]
    if (!host) {
      if (!this.#isClosed) this.#scheduleSweep()
      return
    }
    host.act(expireOffsets)
    this.#sweep = this.#options.runtime.clock.setTimer(0, () => this.#sweepFrom(partition + 1))
  }
}

const heartbeatCommand: GroupCommand<HeartbeatRequest, HeartbeatResponse> = {
  run: heartbeat,
  refuse: heartbeatAnswer,
  isImmediate: true,
  whileLoading: ErrorCode.NONE,
}

const syncCommand: GroupCommand<SyncGroupRequest, SyncGroupResponse> = {
  run: syncGroup,
  refuse: (errorCode) => syncGroupRefusal(coordinatorAppendError(errorCode)),
  // The Java client takes 14 on SyncGroup as fatal; 27 makes it join again (classic-groups.md §1.11).
  whileLoading: ErrorCode.REBALANCE_IN_PROGRESS,
}

const leaveCommand: GroupCommand<LeaveGroupRequest, LeaveGroupResponse> = {
  run: leaveGroup,
  refuse: (errorCode) => leaveGroupRefusal(coordinatorAppendError(errorCode)),
}

const deleteOffsetsCommand: GroupCommand<OffsetDeleteRequest, OffsetDeleteResponse> = {
  run: deleteOffsets,
  refuse: (errorCode) => offsetDeleteRefusal(coordinatorAppendError(errorCode)),
}

const endCommand: GroupCommand<EndedTransaction, number> = {
  run: endTransaction,
  refuse: () => ErrorCode.NOT_LEADER_OR_FOLLOWER,
}

/** The broker itself. */
const nobody: Asker = { apiVersion: 0, clientId: '', clientHost: '' }

function ignore(): void {
  // Whoever asked is told.
}

function notAvailable(): number {
  return ErrorCode.COORDINATOR_NOT_AVAILABLE
}

function undescribed(groupId: string, errorCode: number): DescribedGroup {
  return {
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: operationsNotAsked,
  }
}
