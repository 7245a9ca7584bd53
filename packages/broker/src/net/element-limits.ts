import { type Api, ErrorCode, hasField } from '@rivven/protocol'

const usual = 1
/** Of what is done in one turn: some ten thousand partitions. */
const few = 0.2

/**
 * How many elements all arrays of one request may have together, those within others included, by API, as a share of
 * `max_request_elements`. Each API has its line, so that a new one gets a decision. Less than usual where one command does
 * them all in one turn, or nobody needs as many.
 */
const shares: Readonly<Record<string, number>> = {
  AddOffsetsToTxn: usual,
  // One record of the transaction.
  AddPartitionsToTxn: few,
  // Entities: there are at most 10,000.
  AlterClientQuotas: few,
  AlterConfigs: usual,
  AlterPartitionReassignments: few,
  // Users: there are at most 10,000.
  AlterUserScramCredentials: few,
  ApiVersions: usual,
  ConsumerGroupHeartbeat: usual,
  CreateAcls: usual,
  CreatePartitions: usual,
  CreateTopics: usual,
  // Filters: each may have to look at all ACLs.
  DeleteAcls: 0.01,
  DeleteGroups: usual,
  DeleteRecords: few,
  DeleteTopics: few,
  DescribeAcls: usual,
  // Parts of one entity: there are three types.
  DescribeClientQuotas: 0.001,
  DescribeCluster: usual,
  DescribeConfigs: usual,
  DescribeGroups: usual,
  DescribeLogDirs: usual,
  DescribeProducers: usual,
  DescribeQuorum: few,
  DescribeTopicPartitions: usual,
  DescribeTransactions: usual,
  DescribeUserScramCredentials: few,
  ElectLeaders: usual,
  EndTxn: usual,
  Fetch: few,
  FindCoordinator: usual,
  // It has no list.
  GetTelemetrySubscriptions: usual,
  Heartbeat: usual,
  IncrementalAlterConfigs: usual,
  InitProducerId: usual,
  // Protocols of one member: clients list one to four.
  JoinGroup: 0.01,
  // Members of one group.
  LeaveGroup: 0.1,
  // Types of resources: there are five.
  ListConfigResources: 0.001,
  ListGroups: 0.01,
  ListOffsets: usual,
  ListPartitionReassignments: usual,
  // Filters: each transaction is compared with them.
  ListTransactions: 0.1,
  Metadata: usual,
  // One command, so that a late commit never comes before an earlier one: 10,000 partitions of one member.
  OffsetCommit: 0.1,
  OffsetDelete: 0.1,
  OffsetFetch: usual,
  OffsetForLeaderEpoch: usual,
  Produce: few,
  PushTelemetry: usual,
  RivvenCall: usual,
  SaslAuthenticate: usual,
  SaslHandshake: usual,
  SyncGroup: usual,
  TxnOffsetCommit: 0.1,
  // Features: there is one.
  UpdateFeatures: 0.001,
  WriteTxnMarkers: usual,
}

/** The limit of an API; undefined where nobody has decided (a test sees to that). */
export function elementLimit({ name }: Api, usualLimit: number): number | undefined {
  const share = shares[name]
  return share === undefined ? undefined : Math.ceil(share * usualLimit)
}

/** The answer to a request that is too large: INVALID_REQUEST where the message has one error for all; undefined elsewhere. */
export function tooLargeAnswer({ response }: Api, apiVersion: number, limit: number): object | undefined {
  if (!hasField(response, 'errorCode', apiVersion)) return undefined
  const errorCode = ErrorCode.INVALID_REQUEST
  if (!hasField(response, 'errorMessage', apiVersion)) return { errorCode }
  return { errorCode, errorMessage: `The request has more than ${limit} elements: ask in several.` }
}
