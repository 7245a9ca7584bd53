import { type Check, checks, type OtherNames } from '@rivven/config'
import { aclOperations, aclPermissionTypes, patternTypes, resourceTypes } from '@rivven/protocol'
import { clusterChecks, optionsCheck } from '../options.js'
import { hiddenText } from '../security/hidden.js'
import { partitionCheck, partitionsCheck } from '../topic-partition.js'
import type { Acl, AclFilter } from './acls.js'
import type { AdminOptions } from './admin-options.js'
import type { ConfigChange, ConfigResource } from './configs.js'
import type { OffsetToCommit } from './group-offsets.js'
import type { TimelineOptions } from './group-timeline.js'
import type { GroupFilters } from './groups.js'
import type { OffsetQuery } from './offsets.js'
import { quotaChange, quotaFilter } from './quota-checks.js'
import type { CallOptions } from './rivven-calls.js'
import type { NewTopic } from './topics.js'
import type { TransactionFilters, TransactionToAbort } from './transactions.js'
import type { UserChange } from './users.js'

const { anyText, either, fitting, flag, listOf, object, oneOf, optional, orNull, recordOf, text, whole } = checks

const most = Number.MAX_SAFE_INTEGER

export const adminCheck = optionsCheck<AdminOptions>('Admin', { ...clusterChecks, timeoutMs: optional(whole(1)) }, {})

const topicNames: OtherNames = {
  topic: 'Write name.',
  numPartitions: 'Write partitions.',
  configEntries: "Write configs: { 'retention.ms': '60000' }.",
  replicaAssignment: 'Write assignments: a list of brokers for each partition.',
}

/** A number of something; -1: as many as the broker is configured for. */
function countOrDefault(most: number) {
  const fits = (value: unknown) =>
    value === -1 || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most)
  return fitting(`a whole number from 1 to ${most}, or -1 for the broker's default`, fits)
}

const newTopic = object<NewTopic>(
  {
    name: text,
    partitions: optional(countOrDefault(2 ** 31 - 1)),
    replicationFactor: optional(countOrDefault(32_767)),
    configs: optional(recordOf(anyText)),
    assignments: optional(listOf(listOf(whole(0)))),
  },
  { otherNames: topicNames },
)

const names = listOf(text)
const validateOnly = optional(object<{ validateOnly?: boolean }>({ validateOnly: optional(flag) }))

const resource = {
  type: oneOf('topic', 'broker', 'broker-logger', 'client-metrics', 'group'),
  name: anyText,
}

const configChange = object<ConfigChange>({
  name: text,
  value: orNull(anyText),
  operation: optional(oneOf('set', 'delete', 'append', 'subtract')),
})

const offsetTime = either(
  whole(0, most),
  fitting('earliest, latest, maxTimestamp or milliseconds since 1970', (value) => {
    return value === 'earliest' || value === 'latest' || value === 'maxTimestamp'
  }),
)

export const offsetCheck = object<OffsetToCommit>(
  {
    topic: text,
    partition: whole(0),
    offset: whole(0, most),
    leaderEpoch: optional(whole(-1)),
    metadata: optional(anyText),
  },
  { mayHaveMore: true },
)

const isolation = object<{ isolationLevel?: 'read_uncommitted' | 'read_committed' }>({
  isolationLevel: optional(oneOf('read_uncommitted', 'read_committed')),
})

const member = either(
  object<{ memberId: string }>({ memberId: text }, { mayHaveMore: true }),
  object<{ groupInstanceId: string }>({ groupInstanceId: text }, { mayHaveMore: true }),
)

const transactionToAbort = object<TransactionToAbort>(
  {
    topic: text,
    partition: whole(0),
    producerId: whole(0, most),
    producerEpoch: whole(0),
    coordinatorEpoch: whole(-1),
  },
  { mayHaveMore: true },
)

const inFilters = ['ANY', 'MATCH', 'UNKNOWN']
const ofAcls = (names: readonly string[]) => oneOf(...names.filter((name) => !inFilters.includes(name)))
const ofFilters = (names: readonly string[]) => oneOf(...names.filter((name) => name !== 'UNKNOWN'))
const principal = fitting(
  "a principal, as in 'User:alice'",
  (value) => typeof value === 'string' && /^[^:]+:/.test(value),
  "Everybody is 'User:*'.",
)

const acl = object<Acl>({
  principal,
  host: optional(text),
  operation: ofAcls(aclOperations.names),
  permissionType: ofAcls(aclPermissionTypes.names),
  resourceType: ofAcls(resourceTypes.names),
  resourceName: text,
  patternType: optional(ofAcls(patternTypes.names)),
})

const aclFilter = object<AclFilter>({
  principal: optional(principal),
  host: optional(text),
  operation: optional(ofFilters(aclOperations.names)),
  permissionType: optional(ofFilters(aclPermissionTypes.names)),
  resourceType: optional(ofFilters(resourceTypes.names)),
  resourceName: optional(text),
  patternType: optional(ofFilters(patternTypes.names)),
})

const mechanism = oneOf('scram-sha-256', 'scram-sha-512')
const newCredential = object<Exclude<UserChange, { delete: true }>>({
  user: text,
  mechanism,
  password: hiddenText,
  iterations: optional(whole(4096, 16_384)),
})
const lostCredential = object<Extract<UserChange, { delete: true }>>({
  user: text,
  mechanism,
  delete: fitting('true', (value) => value === true),
})
const userChange: Check = (value, name) =>
  (typeof value === 'object' && value !== null && 'delete' in value ? lostCredential : newCredential)(value, name)

/** What the calls of Admin take, by the names of their arguments. */
export const adminCalls = {
  createTopics: { topics: listOf(newTopic, 'Write createTopics([{ name, partitions }]).'), options: validateOnly },
  deleteTopics: { names: listOf(text, "Write deleteTopics(['orders']).") },
  listTopics: {},
  describeTopics: { names },
  describeCluster: {},
  createPartitions: {
    topics: listOf(
      object<{ topic: string; count: number }>({ topic: text, count: whole(1) }),
      'Write createPartitions([{ topic, count }]).',
    ),
    options: validateOnly,
  },
  describeConfigs: {
    resources: listOf(object<ConfigResource & { keys?: readonly string[] }>({ ...resource, keys: optional(names) })),
  },
  alterConfigs: {
    resources: listOf(
      object<ConfigResource & { configs: readonly ConfigChange[] }>({ ...resource, configs: listOf(configChange) }),
    ),
    options: validateOnly,
  },
  deleteRecords: {
    before: listOf(
      object<{ topic: string; partition: number; offset: number }>(
        {
          topic: text,
          partition: whole(0),
          offset: whole(-1, most),
        },
        { mayHaveMore: true },
      ),
    ),
  },
  listOffsets: {
    queries: listOf(
      object<OffsetQuery>({ topic: text, partition: whole(0), timestamp: offsetTime }, { mayHaveMore: true }),
    ),
    options: optional(isolation),
  },
  groupWait: { groupId: text },
  listGroups: { filters: optional(object<GroupFilters>({ states: optional(names), types: optional(names) })) },
  describeGroups: { groupIds: names },
  deleteGroups: { groupIds: names },
  listGroupOffsets: { groupId: text, partitions: optional(partitionsCheck) },
  alterGroupOffsets: { groupId: text, offsets: listOf(offsetCheck) },
  deleteGroupOffsets: { groupId: text, partitions: partitionsCheck },
  removeMembers: {
    groupId: text,
    members: listOf(member),
    options: optional(object<{ reason?: string }>({ reason: optional(anyText) })),
  },
  call: {
    method: oneOf('GET', 'POST', 'DELETE'),
    path: text,
    options: optional(
      object<CallOptions>(
        {
          body: optional(fitting('a JSON value', () => true)),
          broker: optional(whole(0)),
          asBytes: optional(flag),
          timeoutMs: optional(whole(1)),
          isSentOnce: optional(flag),
        },
        {},
      ),
    ),
  },
  groupTimeline: {
    groupId: text,
    options: optional(object<TimelineOptions>({ limit: optional(whole(0)), since: optional(whole(0, most)) })),
  },
  listTransactions: {
    filters: optional(
      object<TransactionFilters>({
        states: optional(names),
        producerIds: optional(listOf(whole(0, most))),
        longerThanMs: optional(whole(0, most)),
        idPattern: optional(anyText),
      }),
    ),
  },
  describeTransactions: { transactionalIds: names },
  describeProducers: { partitions: listOf(partitionCheck) },
  abortTransaction: { transaction: transactionToAbort },
  fenceProducers: { transactionalIds: names },
  describeAcls: { filter: optional(aclFilter) },
  createAcls: { acls: listOf(acl) },
  deleteAcls: { filters: listOf(aclFilter, 'Write deleteAcls([{ principal }]); [{}] means all.') },
  describeUsers: { users: optional(names) },
  alterUsers: { changes: listOf(userChange) },
  describeQuotas: { filter: optional(quotaFilter) },
  alterQuotas: {
    changes: listOf(quotaChange, 'Write alterQuotas([{ user, quotas: { producer_byte_rate } }]).'),
    options: validateOnly,
  },
} as const
