import type { AclOperation, ResourceType } from '@rivven/protocol'

/** `WRITE TOPIC`: each topic that the request names; `WRITE any TOPIC`: some topic, whichever. */
export type Right = `${AclOperation} ${ResourceType}` | `${AclOperation} any ${ResourceType}`

const none: readonly Right[] = []

/**
 * What each API asks whether its caller may do it (security.md §9), where it matters in that order. An API without a row is
 * not served. That handlers ask for these and no others is shown by a test that plays every recorded conversation.
 */
const rights: Readonly<Record<string, readonly Right[]>> = {
  AddOffsetsToTxn: ['WRITE TRANSACTIONAL_ID', 'READ GROUP'],
  AddPartitionsToTxn: ['CLUSTER_ACTION CLUSTER', 'WRITE TRANSACTIONAL_ID', 'WRITE TOPIC'],
  AlterClientQuotas: ['ALTER_CONFIGS CLUSTER'],
  AlterConfigs: ['ALTER_CONFIGS TOPIC', 'ALTER_CONFIGS GROUP', 'ALTER_CONFIGS CLUSTER'],
  AlterPartitionReassignments: ['ALTER CLUSTER'],
  AlterUserScramCredentials: ['ALTER CLUSTER'],
  ApiVersions: none,
  ConsumerGroupHeartbeat: ['READ GROUP'],
  CreateAcls: ['ALTER CLUSTER'],
  CreatePartitions: ['ALTER TOPIC'],
  CreateTopics: ['CREATE CLUSTER', 'CREATE TOPIC', 'DESCRIBE_CONFIGS TOPIC'],
  DeleteAcls: ['ALTER CLUSTER'],
  DeleteGroups: ['DELETE GROUP'],
  DeleteRecords: ['DELETE TOPIC'],
  DeleteTopics: ['DELETE CLUSTER', 'DESCRIBE TOPIC', 'DELETE TOPIC'],
  DescribeAcls: ['DESCRIBE CLUSTER'],
  DescribeClientQuotas: ['DESCRIBE_CONFIGS CLUSTER'],
  DescribeCluster: ['DESCRIBE CLUSTER'],
  DescribeConfigs: ['DESCRIBE_CONFIGS TOPIC', 'DESCRIBE_CONFIGS GROUP', 'DESCRIBE_CONFIGS CLUSTER'],
  DescribeGroups: ['DESCRIBE GROUP'],
  DescribeLogDirs: ['DESCRIBE CLUSTER'],
  DescribeProducers: ['READ TOPIC'],
  DescribeQuorum: ['DESCRIBE CLUSTER'],
  DescribeTopicPartitions: ['DESCRIBE TOPIC'],
  DescribeTransactions: ['DESCRIBE TRANSACTIONAL_ID', 'DESCRIBE TOPIC'],
  DescribeUserScramCredentials: ['DESCRIBE CLUSTER'],
  ElectLeaders: ['ALTER CLUSTER'],
  EndTxn: ['WRITE TRANSACTIONAL_ID'],
  // The group: may it be told of a rebalance by an early answer?
  Fetch: ['CLUSTER_ACTION CLUSTER', 'READ TOPIC', 'READ GROUP'],
  FindCoordinator: ['DESCRIBE GROUP', 'DESCRIBE TRANSACTIONAL_ID', 'CLUSTER_ACTION CLUSTER'],
  GetTelemetrySubscriptions: none,
  Heartbeat: ['READ GROUP'],
  IncrementalAlterConfigs: ['ALTER_CONFIGS TOPIC', 'ALTER_CONFIGS GROUP', 'ALTER_CONFIGS CLUSTER'],
  InitProducerId: ['WRITE TRANSACTIONAL_ID', 'IDEMPOTENT_WRITE CLUSTER', 'WRITE any TOPIC'],
  JoinGroup: ['READ GROUP'],
  LeaveGroup: ['READ GROUP'],
  ListConfigResources: ['DESCRIBE_CONFIGS CLUSTER'],
  ListGroups: ['DESCRIBE CLUSTER', 'DESCRIBE GROUP'],
  ListOffsets: ['DESCRIBE TOPIC'],
  ListPartitionReassignments: ['DESCRIBE CLUSTER'],
  ListTransactions: ['DESCRIBE TRANSACTIONAL_ID'],
  Metadata: ['DESCRIBE TOPIC', 'CREATE CLUSTER', 'CREATE TOPIC', 'DESCRIBE CLUSTER'],
  OffsetCommit: ['READ GROUP', 'READ TOPIC'],
  OffsetDelete: ['DELETE GROUP', 'READ TOPIC'],
  OffsetFetch: ['DESCRIBE GROUP', 'DESCRIBE TOPIC'],
  OffsetForLeaderEpoch: ['CLUSTER_ACTION CLUSTER', 'DESCRIBE TOPIC'],
  Produce: ['WRITE TRANSACTIONAL_ID', 'WRITE TOPIC'],
  // Whoever may not be a member is not believed: that is no denial.
  PushTelemetry: ['READ GROUP'],
  // What each of its calls asks says its row in api/.
  RivvenCall: [
    'ALTER CLUSTER',
    'CLUSTER_ACTION CLUSTER',
    'DELETE GROUP',
    'DESCRIBE CLUSTER',
    'DESCRIBE GROUP',
    'DESCRIBE TOPIC',
    'DESCRIBE TRANSACTIONAL_ID',
    'DESCRIBE_CONFIGS CLUSTER',
    'READ GROUP',
    'READ TOPIC',
    'WRITE TRANSACTIONAL_ID',
  ],
  SaslAuthenticate: none,
  SaslHandshake: none,
  SyncGroup: ['READ GROUP'],
  TxnOffsetCommit: ['WRITE TRANSACTIONAL_ID', 'READ GROUP', 'READ TOPIC'],
  UpdateFeatures: ['ALTER CLUSTER'],
  WriteTxnMarkers: ['ALTER CLUSTER', 'CLUSTER_ACTION CLUSTER'],
}

/** The row of an API; undefined where nobody has decided who may ask. */
export function rightsOf(apiName: string): readonly Right[] | undefined {
  return Object.hasOwn(rights, apiName) ? rights[apiName] : undefined
}
