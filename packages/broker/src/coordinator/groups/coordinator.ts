import {
  commitAppendError,
  commitInTransaction,
  commitOffsets,
  type DescribedGroup,
  describeGroup,
  describeGroupRefusal,
  type EndedTransaction,
  expectMember,
  type FetchedGroup,
  fetchAppendError,
  fetchOffsets,
  type Group,
  joinGroup,
  joinGroupRefusal,
  type ListedGroup,
  type ListFilters,
  listGroups,
  membersDisconnected,
  type OffsetsAsked,
  offsetCommitRefusal,
  orphanHandedOutIds,
  type ResetOutcome,
  type ResetRequest,
  type Snapshot,
  topicDeleted,
  txnOffsetCommitRefusal,
} from '@rivven/groups'
import {
  coordinatorAppendError,
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
import type { PartitionLog } from '../../log/partition-log.js'
import type { RequestConnection } from '../../request-connection.js'
import { GroupHistories } from '../history/group-histories.js'
import { listInTurns } from '../shards/list-in-turns.js'
import type { Asker } from '../shards/shard-host.js'
import type { MaybePromise } from '../shards/shard-hosts.js'
import { calm } from './calm.js'
import { ExpirySweep } from './expiry-sweep.js'
import {
  type DeletedGroup,
  deleteCommand,
  deleteOffsetsCommand,
  endCommand,
  heartbeatCommand,
  leaveCommand,
  resetCommand,
  syncCommand,
} from './group-commands.js'
import { GroupMetrics } from './group-metrics.js'
import type { GroupHosts } from './group-rules.js'
import { HandedOutIds } from './handed-out-ids.js'
import { type MarkerWatch, MarkerWatches } from './marker-watches.js'
import { MemberConnections } from './member-connections.js'
import { type CoordinatorOptions, groupHosts, offsetsTopic } from './offsets-topic.js'

/**
 * The group coordinator of this broker: finds the shard of a group by its hash and hands requests to it, if it leads that
 * partition of `__consumer_offsets`.
 */
export class Coordinator {
  /** What was counted of the groups here. */
  readonly metrics = new GroupMetrics()
  /** How they went. */
  readonly histories: GroupHistories
  readonly #options: CoordinatorOptions
  readonly #handedOut = new HandedOutIds((groupId, memberIds) => {
    this.#hosts.of(groupId)?.act((shard, now) => orphanHandedOutIds(shard, { groupId, memberIds }, now))
  })
  readonly #memberConnections = new MemberConnections((groupId, memberIds) => {
    this.#hosts.of(groupId)?.act((shard, now) => membersDisconnected(shard, { groupId, memberIds }, now))
  })
  readonly #markerWatches = new MarkerWatches()
  readonly #hosts: GroupHosts
  readonly #sweep: ExpirySweep
  #stopWatching: (() => void) | undefined

  constructor(options: CoordinatorOptions) {
    this.#options = options
    const { runtime, config, observers = [] } = options
    this.histories = options.histories ?? new GroupHistories(runtime.clock)
    this.#hosts = groupHosts({ ...options, observers: [this.histories, ...observers, this.metrics] })
    this.#sweep = new ExpirySweep(this.#hosts, runtime.clock, config.offsets_retention_check_interval_ms)
  }

  /** To be called before groups are gained. */
  start(): void {
    this.#stopWatching = this.#options.catalog.onChange((change) => {
      if (change.kind !== 'deleted') return
      for (const host of this.#hosts.all()) host.actInAnyCase((shard) => topicDeleted(shard, change.topic.name))
    })
    this.#sweep.start()
  }

  /** Answers who waits; nothing is taken any more. */
  async close(): Promise<void> {
    this.#sweep.stop()
    this.#stopWatching?.()
    await this.#hosts.close()
  }

  /** This broker leads the partition of `__consumer_offsets` from now on: its groups are loaded, then served. */
  gain(partition: number, log: PartitionLog): Promise<void> {
    for (const observer of this.#options.observers ?? []) observer.gained?.()
    return this.#hosts.gain(partition, log)
  }

  /** It does no longer: whoever waits, and whoever comes, before `until` too, is told to look for the coordinator. */
  lose(partition: number, until?: Promise<void>): Promise<void> {
    return this.#hosts.lose(partition, until)
  }

  /** Resolves to true when no group of the partition is joining or syncing, to false after `patienceMs`. */
  async calm(partition: number, patienceMs: number): Promise<boolean> {
    const host = this.#hosts.at(partition)
    return host === undefined || calm(host, this.#options.runtime.clock, patienceMs)
  }

  /** Makes the topic of groups the first time. NONE when groups are served, COORDINATOR_NOT_AVAILABLE if that failed. */
  ready(): Promise<number> {
    return this.#hosts.ready().then(none, notAvailable)
  }

  /** Somebody asked where the group is coordinated, and is about to join it. */
  expectMember(groupId: string): void {
    this.#hosts.of(groupId)?.act((shard, now) => expectMember(shard, groupId, now))
  }

  /** An id that is handed out over `connection` is awaited for a moment only once that is closed. */
  joinGroup(request: JoinGroupRequest, context: Asker, connection: RequestConnection): MaybePromise<JoinGroupResponse> {
    const { memberId, groupId } = request
    if (memberId !== '') this.#handedOut.used(connection, memberId)
    const refuse = (errorCode: number) =>
      joinGroupRefusal(coordinatorAppendError(errorCode), memberId, context.apiVersion)
    // Checked before the coordinator is asked for (classic-groups.md §2.2).
    if (groupId === '') return refuse(ErrorCode.INVALID_GROUP_ID)
    const answer = this.#hosts.runForAny({ run: joinGroup, refuse }, groupId, request, context)
    const note = (response: JoinGroupResponse) => {
      if (response.errorCode === ErrorCode.MEMBER_ID_REQUIRED)
        this.#handedOut.given(connection, groupId, response.memberId)
      else if (response.errorCode === ErrorCode.NONE) {
        this.#memberConnections.heard(connection, groupId, response.memberId)
        this.#withGroup(groupId, (group) => this.histories.joined(group, response.memberId, connection))
      } else this.#withGroup(groupId, (group) => this.histories.refused(group, memberId, response.errorCode))
      return response
    }
    return answer instanceof Promise ? answer.then(note) : note(answer)
  }

  syncGroup(request: SyncGroupRequest, context: Asker): MaybePromise<SyncGroupResponse> {
    return this.#hosts.run(syncCommand, request.groupId, request, context)
  }

  /** Where it is a member's, its group knows from now on when `connection` is closed. */
  heartbeat(request: HeartbeatRequest, context: Asker, connection: RequestConnection): MaybePromise<HeartbeatResponse> {
    const { groupId, memberId } = request
    const answer = this.#hosts.run(heartbeatCommand, groupId, request, context)
    const note = (response: HeartbeatResponse) => {
      const isMember = isOfMember(response)
      if (isMember) this.#memberConnections.heard(connection, groupId, memberId)
      this.#withGroup(groupId, (group) =>
        isMember
          ? this.histories.heard(group, memberId, connection)
          : this.histories.refused(group, memberId, response.errorCode),
      )
      return response
    }
    return answer instanceof Promise ? answer.then(note) : note(answer)
  }

  leaveGroup(request: LeaveGroupRequest, context: Asker): MaybePromise<LeaveGroupResponse> {
    return this.#hosts.run(leaveCommand, request.groupId, request, context)
  }

  /** The caller has left out unknown topics and partitions. */
  commitOffsets(request: OffsetCommitRequest, context: Asker): MaybePromise<OffsetCommitResponse> {
    const refuse = (errorCode: number) => offsetCommitRefusal(request, commitAppendError(errorCode))
    const { clock } = this.#options.runtime
    const startedAt = clock.monotonic()
    const answer = this.#hosts.runForAny({ run: commitOffsets, refuse }, request.groupId, request, context)
    // What needs no disk is a refusal; a failed append may be answered late, too.
    if (answer instanceof Promise) void answer.then((response) => this.#committed(request, response, startedAt), ignore)
    else this.#refused(request, answer)
    return answer
  }

  /**
   * Offsets of a transaction. The caller has left out unknown topics and partitions; `isOpen` is asked right before they
   * are taken: behind its marker they would never get another.
   */
  commitInTransaction(
    request: TxnOffsetCommitRequest,
    context: Asker,
    isOpen: () => boolean,
  ): MaybePromise<TxnOffsetCommitResponse> {
    const refuse = (errorCode: number) => txnOffsetCommitRefusal(request, commitAppendError(errorCode))
    return this.#hosts.use(
      request.groupId,
      (host) => {
        if (!isOpen()) return refuse(ErrorCode.INVALID_TXN_STATE)
        if (this.#hosts.isFullFor(host, request.groupId)) return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        return host.run({ run: commitInTransaction, refuse }, request, context)
      },
      refuse,
    )
  }

  /** Counts the markers of a producer that come to groups from now on, until it is ended. */
  watchMarkers(producerId: number): MarkerWatch {
    return this.#markerWatches.watch(producerId)
  }

  /** The partition of `__consumer_offsets` that holds a group; makes the topic if need be. Undefined if that failed. */
  async partitionOf(groupId: string): Promise<number | undefined> {
    const errorCode = await this.ready()
    return errorCode === ErrorCode.NONE ? partitionForGroup(groupId, this.#hosts.partitionCount) : undefined
  }

  /** Writes the marker of a transaction into a partition of `__consumer_offsets`, in order with what groups write there. */
  endTransaction(partition: number, ended: EndedTransaction): MaybePromise<number> {
    const host = this.#hosts.at(partition)
    const log = this.#options.logs.get(offsetsTopic, partition)
    if (!host?.isLoaded || !log) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    const errorCode = log.producers.checkMarker(ended)
    if (errorCode !== ErrorCode.NONE) return errorCode
    this.#markerWatches.came(ended.producerId)
    return host.run(endCommand, ended, nobody)
  }

  /** The caller has left out unknown topics and partitions. */
  deleteOffsets(request: OffsetDeleteRequest, context: Asker): MaybePromise<OffsetDeleteResponse> {
    return this.#hosts.run(deleteOffsetsCommand, request.groupId, request, context)
  }

  deleteGroup(groupId: string, context: Asker): MaybePromise<DeletedGroup> {
    return this.#hosts.run(deleteCommand(groupId), groupId, groupId, context)
  }

  /** Moves offsets of a group, whoever its members are: answered when that is stored, or when nothing will come of it. */
  resetOffsets(request: ResetRequest, context: Asker): MaybePromise<ResetOutcome> {
    return this.#hosts.runForAny(resetCommand, request.groupId, request, context)
  }

  /** What the offsets of a group were before somebody changed them who was no member, oldest first; `refuse` while they are loaded. */
  snapshotsOf<Refusal>(groupId: string, refuse: () => Refusal): MaybePromise<readonly Snapshot[] | Refusal> {
    const host = this.#hosts.of(groupId)
    if (host) return host.read<readonly Snapshot[] | Refusal>((shard) => shard.snapshots.of(groupId), refuse)
    return this.#hosts.isMaking || this.#hosts.partitionCount > 0 ? refuse() : []
  }

  fetchOffsets(asked: OffsetsAsked, requireStable: boolean): MaybePromise<FetchedGroup> {
    const { groupId } = asked
    const refuse = (errorCode: number) => ({ groupId, topics: [], errorCode: fetchAppendError(errorCode) })
    return this.#hosts.use(
      groupId,
      (host) => host.read((shard) => fetchOffsets(shard, asked, requireStable), refuse),
      refuse,
    )
  }

  describeGroup(groupId: string, apiVersion: number): MaybePromise<DescribedGroup> {
    const refuse = (errorCode: number) => describeGroupRefusal(groupId, coordinatorAppendError(errorCode))
    return this.#hosts.use(
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
    const host = this.#hosts.of(groupId)
    if (host) return host.read((shard) => look(shard.groups.get(groupId)), refuse)
    return this.#hosts.isMaking || this.#hosts.partitionCount > 0 ? refuse() : look(undefined)
  }

  /** The groups of all shards that are loaded, as they are in memory. May be read over several turns. */
  *groups(): Iterable<Group> {
    for (const host of this.#hosts.all()) if (host.isLoaded) yield* host.shard.groups.values()
  }

  /** How many of the partitions of groups that are led here are loaded; 0 of 0 while there are none. */
  get progress(): { readonly loaded: number; readonly shards: number } {
    const shards = this.#hosts.ledCount
    let loaded = 0
    for (const host of this.#hosts.all()) if (host.isLoaded) loaded += 1
    return { loaded, shards }
  }

  /** Groups of all shards; undefined while one of them loads. */
  async listGroups(filters: ListFilters): Promise<ListedGroup[] | undefined> {
    if (this.#hosts.isAnyComing) return undefined
    return listInTurns([...this.#hosts.all()], this.#options.runtime.clock, (shard) => listGroups(shard, filters))
  }

  #committed(request: OffsetCommitRequest, { topics }: OffsetCommitResponse, startedAt: number): void {
    const isStored = topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode === ErrorCode.NONE))
    if (!isStored) {
      this.#refused(request, { topics })
      return
    }
    this.#withGroup(request.groupId, (group) => {
      const tookMs = this.#options.runtime.clock.monotonic() - startedAt
      this.metrics.committed(group, tookMs)
      this.histories.committed(group, request.memberId, tookMs)
    })
  }

  #refused({ groupId, memberId }: OffsetCommitRequest, { topics }: Pick<OffsetCommitResponse, 'topics'>): void {
    this.#withGroup(groupId, (group) => {
      const codes = new Set(topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)))
      codes.delete(ErrorCode.NONE)
      this.metrics.refused(group, codes)
      this.histories.commitRefused(group, memberId, codes)
    })
  }

  #withGroup(groupId: string, note: (group: Group) => void): void {
    const group = this.#hosts.of(groupId)?.shard.groups.get(groupId)
    if (group) note(group)
  }
}

function isOfMember({ errorCode }: HeartbeatResponse): boolean {
  return errorCode === ErrorCode.NONE || errorCode === ErrorCode.REBALANCE_IN_PROGRESS
}

/** The broker itself. */
const nobody: Asker = { apiVersion: 0, clientId: '', clientHost: '' }

function ignore(): void {
  // Whoever asked is told.
}

function none(): number {
  return ErrorCode.NONE
}

function notAvailable(): number {
  return ErrorCode.COORDINATOR_NOT_AVAILABLE
}
