import type { GroupWait, RebalanceStory } from '@rivven/groups'
import { Cluster } from '../net/cluster.js'
import type { BrokerNode } from '../net/cluster-image.js'
import { type CallChecks, mustFit, mustFitCall } from '../options.js'
import type { TopicPartition } from '../topic-partition.js'
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

export interface ClusterDescription {
  clusterId: string | null
  /** The broker that takes admin requests; -1 when unknown. */
  controllerId: number
  brokers: BrokerNode[]
}

/**
 * Looks after topics, configs, groups and offsets of a cluster.
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
    this.#cluster = new Cluster(options)
    this.#calls = new AdminCalls(this.#cluster, options.timeoutMs ?? this.#cluster.requestTimeoutMs)
  }

  /** Creates topics, and waits until they can be used. `validateOnly` only says what would happen. */
  async createTopics(topics: readonly NewTopic[], options: { validateOnly?: boolean } = {}): Promise<CreatedTopic[]> {
    mustFitCall(adminCalls, 'createTopics', [topics, options])
    return createTopics(this.#calls, topics, options.validateOnly ?? false)
  }

  /** Deletes topics and all that is in them. */
  async deleteTopics(names: readonly string[]): Promise<void> {
    mustFitCall(adminCalls, 'deleteTopics', [names])
    return deleteTopics(this.#calls, names)
  }

  /** All topics that this client may see, by name. */
  listTopics(): Promise<TopicDescription[]> {
    return listTopics(this.#calls)
  }

  /** Partitions, leaders and replicas of topics. Throws UNKNOWN_TOPIC_OR_PARTITION for what is not there. */
  async describeTopics(names: readonly string[]): Promise<TopicDescription[]> {
    mustFitCall(adminCalls, 'describeTopics', [names])
    return describeTopics(this.#calls, names)
  }

  /** Grows topics to `count` partitions in all. Records with keys that are there already do not move. */
  async createPartitions(
    topics: readonly { topic: string; count: number }[],
    options: { validateOnly?: boolean } = {},
  ): Promise<void> {
    mustFitCall(adminCalls, 'createPartitions', [topics, options])
    return createPartitions(this.#calls, topics, options.validateOnly ?? false)
  }

  /** The configs of topics, brokers or groups: all, or those named in `keys`. */
  async describeConfigs(
    resources: readonly (ConfigResource & { keys?: readonly string[] })[],
  ): Promise<ConfigDescription[]> {
    mustFitCall(adminCalls, 'describeConfigs', [resources])
    return describeConfigs(this.#calls, resources)
  }

  /** Changes the configs that are named and no others. All changes of one resource are made, or none. */
  async alterConfigs(
    resources: readonly (ConfigResource & { configs: readonly ConfigChange[] })[],
    options: { validateOnly?: boolean } = {},
  ): Promise<void> {
    mustFitCall(adminCalls, 'alterConfigs', [resources, options])
    return alterConfigs(this.#calls, resources, options.validateOnly ?? false)
  }

  /** Deletes the records before an offset in each partition; -1: all that are there now. */
  async deleteRecords(before: readonly (TopicPartition & { offset: number })[]): Promise<DeletedRecords[]> {
    mustFitCall(adminCalls, 'deleteRecords', [before])
    return deleteRecords(this.#calls, before)
  }

  /** The offsets at a time, or at the ends, of partitions; in the order asked for. */
  async listOffsets(
    queries: readonly OffsetQuery[],
    options: { isolationLevel?: 'read_uncommitted' | 'read_committed' } = {},
  ): Promise<FoundOffset[]> {
    mustFitCall(adminCalls, 'listOffsets', [queries, options])
    return listOffsets(this.#calls, queries, options.isolationLevel ?? 'read_uncommitted')
  }

  /** The brokers of the cluster. */
  async describeCluster(): Promise<ClusterDescription> {
    const { clusterId, controllerId, brokers } = await this.#cluster.metadata([], { isFresh: true })
    return { clusterId, controllerId, brokers: [...brokers.values()] }
  }

  /**
   * For whom a group waits that is rebalancing, as the broker noted it a few seconds ago; null where that is not known. Rivven
   * only: throws UNSUPPORTED_BY_BROKER elsewhere.
   */
  async groupWait(groupId: string): Promise<GroupWait | null> {
    mustFitCall(adminCalls, 'groupWait', [groupId])
    return groupWait(this.#calls, groupId)
  }

  /** All groups that this client may see, by id; every broker is asked. */
  async listGroups(filters: GroupFilters = {}): Promise<GroupListing[]> {
    mustFitCall(adminCalls, 'listGroups', [filters])
    return listGroups(this.#calls, filters)
  }

  /** State, members and their partitions of groups. A group that is not there has the state `Dead`. */
  async describeGroups(groupIds: readonly string[]): Promise<GroupDescription[]> {
    mustFitCall(adminCalls, 'describeGroups', [groupIds])
    return Promise.all(groupIds.map((groupId) => describeGroup(this.#calls, groupId)))
  }

  /** Deletes groups with all their offsets. Throws NON_EMPTY_GROUP while a group has members. */
  async deleteGroups(groupIds: readonly string[]): Promise<void> {
    mustFitCall(adminCalls, 'deleteGroups', [groupIds])
    return deleteGroups(this.#calls, groupIds)
  }

  /** What a group has committed, everywhere or in some partitions. Partitions without a commit are left out. */
  async listGroupOffsets(groupId: string, partitions?: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    mustFitCall(adminCalls, 'listGroupOffsets', [groupId, partitions])
    return listGroupOffsets(this.#calls, groupId, partitions ?? null)
  }

  /** Sets the offsets of a group without members. Throws UNKNOWN_MEMBER_ID while it has members. */
  async alterGroupOffsets(groupId: string, offsets: readonly OffsetToCommit[]): Promise<void> {
    mustFitCall(adminCalls, 'alterGroupOffsets', [groupId, offsets])
    return alterGroupOffsets(this.#calls, groupId, offsets)
  }

  /** Forgets what a group has committed in these partitions. Throws GROUP_SUBSCRIBED_TO_TOPIC where it still reads. */
  async deleteGroupOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    mustFitCall(adminCalls, 'deleteGroupOffsets', [groupId, partitions])
    return deleteGroupOffsets(this.#calls, groupId, partitions)
  }

  /**
   * Removes members from a group. One that is alive joins again, unless it is stopped; a static member that was stopped
   * need not wait for its session timeout any more. `reason` is kept with the rebalance (KIP-800).
   */
  async removeMembers(
    groupId: string,
    members: readonly MemberToRemove[],
    options: { reason?: string } = {},
  ): Promise<void> {
    mustFitCall(adminCalls, 'removeMembers', [groupId, members, options])
    return removeMembers(this.#calls, groupId, members, options.reason)
  }

  /**
   * The last rebalances of a group with their causes, newest last, as Rivven keeps them. Throws UNSUPPORTED_BY_BROKER where
   * none are kept (Apache Kafka).
   */
  async groupTimeline(groupId: string, options: TimelineOptions = {}): Promise<RebalanceStory[]> {
    mustFitCall(adminCalls, 'groupTimeline', [groupId, options])
    return groupTimeline(this.#calls, groupId, options)
  }

  /** All transactional ids that this client may see; every broker is asked. */
  async listTransactions(filters: TransactionFilters = {}): Promise<TransactionListing[]> {
    mustFitCall(adminCalls, 'listTransactions', [filters])
    return listTransactions(this.#calls, filters)
  }

  /** State, producer and partitions of transactions. Throws TRANSACTIONAL_ID_NOT_FOUND for what is not there. */
  async describeTransactions(transactionalIds: readonly string[]): Promise<TransactionDescription[]> {
    mustFitCall(adminCalls, 'describeTransactions', [transactionalIds])
    return Promise.all(transactionalIds.map((id) => describeTransaction(this.#calls, id)))
  }

  /** Producers that wrote to partitions of late, and which of them have a transaction open there. */
  async describeProducers(partitions: readonly TopicPartition[]): Promise<ProducersOfPartition[]> {
    mustFitCall(adminCalls, 'describeProducers', [partitions])
    return describeProducers(this.#calls, partitions)
  }

  /**
   * Aborts an open transaction in one partition by writing its marker: for one that hangs because its coordinator has
   * forgotten it. Where the coordinator knows it, `fenceProducers` is right.
   */
  async abortTransaction(transaction: TransactionToAbort): Promise<void> {
    mustFitCall(adminCalls, 'abortTransaction', [transaction])
    return abortTransaction(this.#calls, transaction)
  }

  /** Shuts out the producers with these transactional ids; their open transactions are aborted. */
  async fenceProducers(transactionalIds: readonly string[]): Promise<FencedProducer[]> {
    mustFitCall(adminCalls, 'fenceProducers', [transactionalIds])
    return Promise.all(transactionalIds.map((id) => fenceProducer(this.#calls, id)))
  }

  /** Closes the connections; calls that are under way fail with CLIENT_CLOSED. */
  close(): Promise<void> {
    return this.#cluster.close()
  }
}

/** A call without checks does not compile. */
adminCalls satisfies CallChecks<Exclude<keyof Admin, 'close' | 'listTopics' | 'describeCluster'>>
