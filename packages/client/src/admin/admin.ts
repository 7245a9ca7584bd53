import type { GroupWait, RebalanceStory } from '@rivven/groups'
import type { ClientMetrics } from '../diagnostics/metrics.js'
import { Cluster } from '../net/cluster.js'
import type { BrokerNode } from '../net/cluster-image.js'
import { type CallChecks, mustFit, mustFitCall } from '../options.js'
import { commonCalls, hintAtCalls } from '../other-methods.js'
import type { TopicPartition } from '../topic-partition.js'
import { type Acl, type AclFilter, createAcls, deleteAcls, describeAcls } from './acls.js'
import { adminCalls, adminCheck } from './admin-checks.js'
import type { AdminOptions } from './admin-options.js'
import { AdminCalls } from './calls.js'
import {
  alterConfigs,
  type ConfigChange,
  type ConfigDescription,
  type ConfigResource,
  describeConfigs,
} from './configs.js'
import {
  alterGroupOffsets,
  type CommittedOffset,
  deleteGroupOffsets,
  listGroupOffsets,
  type OffsetToCommit,
} from './group-offsets.js'
import { groupTimeline, groupWait, type TimelineOptions } from './group-timeline.js'
import {
  deleteGroups,
  describeGroup,
  type GroupDescription,
  type GroupFilters,
  type GroupListing,
  listGroups,
  type MemberToRemove,
  removeMembers,
} from './groups.js'
import { type DeletedRecords, deleteRecords, type FoundOffset, listOffsets, type OffsetQuery } from './offsets.js'
import { alterQuotas, describeQuotas, type QuotaChange, type QuotaDescription, type QuotaFilter } from './quotas.js'
import { type CallMethod, type CallOptions, rivvenCall } from './rivven-calls.js'
import {
  type CreatedTopic,
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopics,
  listTopics,
  type NewTopic,
  type TopicDescription,
} from './topics.js'
import {
  abortTransaction,
  describeProducers,
  describeTransaction,
  type FencedProducer,
  fenceProducer,
  listTransactions,
  type ProducersOfPartition,
  type TransactionDescription,
  type TransactionFilters,
  type TransactionListing,
  type TransactionToAbort,
} from './transactions.js'
import { alterUsers, describeUsers, type UserChange, type UserDescription } from './users.js'

export interface ClusterDescription {
  clusterId: string | null
  /** The broker that takes admin requests; -1 when unknown. */
  controllerId: number
  brokers: BrokerNode[]
}

type AdminCall = keyof typeof adminCalls

/**
 * Looks after topics, configs, groups, offsets, users and ACLs of a cluster.
 *
 *     const admin = new Admin({ bootstrapServers: 'localhost:9092' })
 *     await admin.createTopics([{ name: 'orders', partitions: 3 }])
 *     await admin.close()
 *
 * A call that is about several things does what it can: when one fails it throws that one's RivvenError, when several
 * fail a SeveralFailedError with the errors of all of them. A call that was repeated because its answer got lost may
 * find its own work done (TOPIC_ALREADY_EXISTS).
 */
export class Admin {
  readonly #cluster: Cluster
  readonly #calls: AdminCalls

  constructor(options: AdminOptions) {
    mustFit(adminCheck, options, '')
    this.#cluster = new Cluster(options, 'for calls')
    this.#calls = new AdminCalls(this.#cluster, options.timeoutMs ?? this.#cluster.requestTimeoutMs)
  }

  /** Creates topics, and waits until they can be used. `validateOnly` only says what would happen. */
  createTopics(topics: readonly NewTopic[], options: { validateOnly?: boolean } = {}): Promise<CreatedTopic[]> {
    return this.#call('createTopics', arguments, (calls) => createTopics(calls, topics, options.validateOnly ?? false))
  }

  /** Deletes topics and all that is in them. */
  deleteTopics(names: readonly string[]): Promise<void> {
    return this.#call('deleteTopics', arguments, (calls) => deleteTopics(calls, names))
  }

  /** All topics that this client may see, by name. */
  listTopics(): Promise<TopicDescription[]> {
    return this.#call('listTopics', arguments, listTopics)
  }

  /** Partitions, leaders and replicas of topics. Throws UNKNOWN_TOPIC_OR_PARTITION for what is not there. */
  describeTopics(names: readonly string[]): Promise<TopicDescription[]> {
    return this.#call('describeTopics', arguments, (calls) => describeTopics(calls, names))
  }

  /** Grows topics to `count` partitions in all. Records with keys that are there already do not move. */
  createPartitions(
    topics: readonly { topic: string; count: number }[],
    options: { validateOnly?: boolean } = {},
  ): Promise<void> {
    return this.#call('createPartitions', arguments, (calls) =>
      createPartitions(calls, topics, options.validateOnly ?? false),
    )
  }

  /** The configs of topics, brokers or groups: all, or those named in `keys`. */
  describeConfigs(resources: readonly (ConfigResource & { keys?: readonly string[] })[]): Promise<ConfigDescription[]> {
    return this.#call('describeConfigs', arguments, (calls) => describeConfigs(calls, resources))
  }

  /** Changes the configs that are named and no others. All changes of one resource are made, or none. */
  alterConfigs(
    resources: readonly (ConfigResource & { configs: readonly ConfigChange[] })[],
    options: { validateOnly?: boolean } = {},
  ): Promise<void> {
    return this.#call('alterConfigs', arguments, (calls) =>
      alterConfigs(calls, resources, options.validateOnly ?? false),
    )
  }

  /** Deletes the records before an offset in each partition; -1: all that are there now. */
  deleteRecords(before: readonly (TopicPartition & { offset: number })[]): Promise<DeletedRecords[]> {
    return this.#call('deleteRecords', arguments, (calls) => deleteRecords(calls, before))
  }

  /** The offsets at a time, or at the ends, of partitions; in the order asked for. */
  listOffsets(
    queries: readonly OffsetQuery[],
    options: { isolationLevel?: 'read_uncommitted' | 'read_committed' } = {},
  ): Promise<FoundOffset[]> {
    return this.#call('listOffsets', arguments, (calls) =>
      listOffsets(calls, queries, options.isolationLevel ?? 'read_uncommitted'),
    )
  }

  /** The brokers of the cluster. */
  describeCluster(): Promise<ClusterDescription> {
    return this.#call('describeCluster', arguments, async ({ cluster }) => {
      const { clusterId, controllerId, brokers } = await cluster.metadata([], { isFresh: true })
      return { clusterId, controllerId, brokers: [...brokers.values()] }
    })
  }

  /**
   * What a broker of Rivven answers by a path of its HTTP API, over the connection and with the rights that this client has:
   * `call('GET', '/api/cluster', { broker: 1 })`. Names in a path are written by `nameToPath`. Throws UNSUPPORTED_BY_BROKER elsewhere, and what
   * is refused by the code of its problem (docs/api.md).
   */
  call(method: CallMethod, path: string, options: CallOptions = {}): Promise<unknown> {
    return this.#call('call', arguments, (calls) => rivvenCall(calls, method, path, options))
  }

  /**
   * For whom a group waits that is rebalancing, as the broker noted it a few seconds ago; null where that is not known. Rivven
   * only: throws UNSUPPORTED_BY_BROKER elsewhere.
   */
  groupWait(groupId: string): Promise<GroupWait | null> {
    return this.#call('groupWait', arguments, (calls) => groupWait(calls, groupId))
  }

  /** All groups that this client may see, by id; every broker is asked. */
  listGroups(filters: GroupFilters = {}): Promise<GroupListing[]> {
    return this.#call('listGroups', arguments, (calls) => listGroups(calls, filters))
  }

  /** State, members and their partitions of groups. A group that is not there has the state `Dead`. */
  describeGroups(groupIds: readonly string[]): Promise<GroupDescription[]> {
    return this.#call('describeGroups', arguments, (calls) =>
      Promise.all(groupIds.map((groupId) => describeGroup(calls, groupId))),
    )
  }

  /** Deletes groups with all their offsets. Throws NON_EMPTY_GROUP while a group has members. */
  deleteGroups(groupIds: readonly string[]): Promise<void> {
    return this.#call('deleteGroups', arguments, (calls) => deleteGroups(calls, groupIds))
  }

  /** What a group has committed, everywhere or in some partitions. Partitions without a commit are left out. */
  listGroupOffsets(groupId: string, partitions?: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    return this.#call('listGroupOffsets', arguments, (calls) => listGroupOffsets(calls, groupId, partitions ?? null))
  }

  /** Sets the offsets of a group without members. Throws UNKNOWN_MEMBER_ID while it has members. */
  alterGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.#call('alterGroupOffsets', arguments, (calls) => alterGroupOffsets(calls, groupId, offsets))
  }

  /** Forgets what a group has committed in these partitions. Throws GROUP_SUBSCRIBED_TO_TOPIC where it still reads. */
  deleteGroupOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    return this.#call('deleteGroupOffsets', arguments, (calls) => deleteGroupOffsets(calls, groupId, partitions))
  }

  /**
   * Removes members from a group. One that is alive joins again, unless it is stopped; a static member that was stopped
   * need not wait for its session timeout any more. `reason` is kept with the rebalance (KIP-800).
   */
  removeMembers(groupId: string, members: readonly MemberToRemove[], options: { reason?: string } = {}): Promise<void> {
    return this.#call('removeMembers', arguments, (calls) => removeMembers(calls, groupId, members, options.reason))
  }

  /**
   * The last rebalances of a group with their causes, newest last, as Rivven keeps them. Throws UNSUPPORTED_BY_BROKER where
   * none are kept (Apache Kafka).
   */
  groupTimeline(groupId: string, options: TimelineOptions = {}): Promise<RebalanceStory[]> {
    return this.#call('groupTimeline', arguments, (calls) => groupTimeline(calls, groupId, options))
  }

  /** All transactional ids that this client may see; every broker is asked. */
  listTransactions(filters: TransactionFilters = {}): Promise<TransactionListing[]> {
    return this.#call('listTransactions', arguments, (calls) => listTransactions(calls, filters))
  }

  /** State, producer and partitions of transactions. Throws TRANSACTIONAL_ID_NOT_FOUND for what is not there. */
  describeTransactions(transactionalIds: readonly string[]): Promise<TransactionDescription[]> {
    return this.#call('describeTransactions', arguments, (calls) =>
      Promise.all(transactionalIds.map((id) => describeTransaction(calls, id))),
    )
  }

  /** Producers that wrote to partitions of late, and which of them have a transaction open there. */
  describeProducers(partitions: readonly TopicPartition[]): Promise<ProducersOfPartition[]> {
    return this.#call('describeProducers', arguments, (calls) => describeProducers(calls, partitions))
  }

  /**
   * Aborts an open transaction in one partition by writing its marker: for one that hangs because its coordinator has
   * forgotten it. Where the coordinator knows it, `fenceProducers` is right.
   */
  abortTransaction(transaction: TransactionToAbort): Promise<void> {
    return this.#call('abortTransaction', arguments, (calls) => abortTransaction(calls, transaction))
  }

  /** Shuts out the producers with these transactional ids; their open transactions are aborted. */
  fenceProducers(transactionalIds: readonly string[]): Promise<FencedProducer[]> {
    return this.#call('fenceProducers', arguments, (calls) =>
      Promise.all(transactionalIds.map((id) => fenceProducer(calls, id))),
    )
  }

  /** The ACLs that a filter means. Throws SECURITY_DISABLED where the broker has no authorizer. */
  describeAcls(filter: AclFilter = {}): Promise<Acl[]> {
    return this.#call('describeAcls', arguments, (calls) => describeAcls(calls, filter))
  }

  /** Makes ACLs; those that are there already are fine. */
  createAcls(acls: readonly Acl[]): Promise<void> {
    return this.#call('createAcls', arguments, (calls) => createAcls(calls, acls))
  }

  /** Removes all ACLs that one of the filters means, and returns them. */
  deleteAcls(filters: readonly AclFilter[]): Promise<Acl[]> {
    return this.#call('deleteAcls', arguments, (calls) => deleteAcls(calls, filters))
  }

  /** Users with SCRAM credentials: all, or those named. Throws RESOURCE_NOT_FOUND for one that has none. */
  describeUsers(users?: readonly string[]): Promise<UserDescription[]> {
    return this.#call('describeUsers', arguments, (calls) => describeUsers(calls, users))
  }

  /** Gives users passwords and takes them away. Who is logged in stays so. Each user may stand in one change of a call. */
  alterUsers(changes: readonly UserChange[]): Promise<void> {
    return this.#call('alterUsers', arguments, (calls) => alterUsers(calls, changes))
  }

  /** The quotas of all entities, or of those that a filter means. */
  describeQuotas(filter: QuotaFilter = {}): Promise<QuotaDescription[]> {
    return this.#call('describeQuotas', arguments, (calls) => describeQuotas(calls, filter))
  }

  /** Sets quotas (a second) and takes them away (null). They count at once. `validateOnly`: nothing is done. Default false. */
  alterQuotas(changes: readonly QuotaChange[], options: { validateOnly?: boolean } = {}): Promise<void> {
    return this.#call('alterQuotas', arguments, (calls) => alterQuotas(calls, changes, options.validateOnly ?? false))
  }

  /** Figures since it was made, at once and without asking anybody. */
  metrics(): ClientMetrics {
    return this.#cluster.metrics
  }

  /** Closes the connections; calls that are under way fail with CLIENT_CLOSED. */
  close(): Promise<void> {
    return this.#cluster.close()
  }

  /** The process lives on while the call is under way. */
  #call<T>(call: AdminCall, given: ArrayLike<unknown>, work: (calls: AdminCalls) => Promise<T>): Promise<T> {
    return this.#cluster.calls.during(async () => {
      mustFitCall(adminCalls, call, given)
      return work(this.#calls)
    })
  }
}

/** A call without checks does not compile. */
adminCalls satisfies CallChecks<Exclude<keyof Admin, 'close' | 'metrics'>>

hintAtCalls(Admin, {
  ...commonCalls,
  fetchTopicMetadata: "Write describeTopics(['orders']).",
  fetchTopicOffsets: "Write listOffsets([{ topic, partition, timestamp: 'latest' }]).",
  fetchTopicOffsetsByTimestamp: 'Write listOffsets([{ topic, partition, timestamp }]).',
  fetchOffsets: 'Write listGroupOffsets(groupId).',
  setOffsets: 'Write alterGroupOffsets(groupId, [{ topic, partition, offset }]).',
  resetOffsets: 'Write listOffsets() and alterGroupOffsets(), or: rivvenctl group reset-offsets.',
  deleteTopicRecords: 'Write deleteRecords([{ topic, partition, offset }]).',
})
