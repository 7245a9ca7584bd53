import { type Api, ErrorCode, hasField } from '@rivven/protocol'

/** Stands for `max_request_elements`. */
const usual = Number.POSITIVE_INFINITY

/**
 * How many elements all arrays of one request may have together, those within others included, by API. Each API has its
 * line, so that a new one gets a decision. Fewer than usual where one command does them all in one turn, and nobody needs
 * as many.
 */
const byName: Readonly<Record<string, number>> = {
  AddOffsetsToTxn: usual,
  AddPartitionsToTxn: usual,
  AlterConfigs: usual,
  ApiVersions: usual,
  CreatePartitions: usual,
  CreateTopics: usual,
  DeleteGroups: usual,
  DeleteRecords: usual,
  DeleteTopics: usual,
  DescribeCluster: usual,
  DescribeConfigs: usual,
  DescribeGroups: usual,
  DescribeLogDirs: usual,
  DescribeProducers: usual,
  DescribeTopicPartitions: usual,
  DescribeTransactions: usual,
  ElectLeaders: usual,
  EndTxn: usual,
  Fetch: usual,
  FindCoordinator: usual,
  Heartbeat: usual,
  IncrementalAlterConfigs: usual,
  InitProducerId: usual,
  // Protocols of one member: clients list one to four.
  JoinGroup: 1_000,
  // Members of one group.
  LeaveGroup: 10_000,
  // Types of resources: there are five.
  ListConfigResources: 100,
  ListGroups: 1_000,
  ListOffsets: usual,
  ListPartitionReassignments: usual,
  ListTransactions: usual,
  Metadata: usual,
  OffsetCommit: usual,
  OffsetDelete: usual,
  OffsetFetch: usual,
  OffsetForLeaderEpoch: usual,
  Produce: usual,
  SaslAuthenticate: usual,
  SaslHandshake: usual,
  SyncGroup: usual,
  TxnOffsetCommit: usual,
  WriteTxnMarkers: usual,
}

/** The limit of an API; undefined where nobody has decided (a test sees to that). */
export function elementLimit({ name }: Api, usualLimit: number): number | undefined {
  const limit = byName[name]
  return limit === undefined ? undefined : Math.min(limit, usualLimit)
}

/** The answer to a request that is too large: INVALID_REQUEST where the message has one error for all; undefined elsewhere. */
export function tooLargeAnswer({ response }: Api, apiVersion: number, limit: number): object | undefined {
  if (!hasField(response, 'errorCode', apiVersion)) return undefined
  const errorCode = ErrorCode.INVALID_REQUEST
  if (!hasField(response, 'errorMessage', apiVersion)) return { errorCode }
  return { errorCode, errorMessage: `The request has more than ${limit} elements: ask in several.` }
}
