import type { Api } from '../schema.js'
import { AddOffsetsToTxn } from './add-offsets-to-txn.js'
import { AddPartitionsToTxn } from './add-partitions-to-txn.js'
import { AlterClientQuotas } from './alter-client-quotas.js'
import { AlterConfigs } from './alter-configs.js'
import { AlterPartitionReassignments } from './alter-partition-reassignments.js'
import { AlterUserScramCredentials } from './alter-user-scram-credentials.js'
import { ApiVersions } from './api-versions.js'
import { ConsumerGroupDescribe } from './consumer-group-describe.js'
import { ConsumerGroupHeartbeat } from './consumer-group-heartbeat.js'
import { CreateAcls } from './create-acls.js'
import { CreatePartitions } from './create-partitions.js'
import { CreateTopics } from './create-topics.js'
import { DeleteAcls } from './delete-acls.js'
import { DeleteGroups } from './delete-groups.js'
import { DeleteRecords } from './delete-records.js'
import { DeleteTopics } from './delete-topics.js'
import { DescribeAcls } from './describe-acls.js'
import { DescribeClientQuotas } from './describe-client-quotas.js'
import { DescribeCluster } from './describe-cluster.js'
import { DescribeConfigs } from './describe-configs.js'
import { DescribeGroups } from './describe-groups.js'
import { DescribeLogDirs } from './describe-log-dirs.js'
import { DescribeProducers } from './describe-producers.js'
import { DescribeQuorum } from './describe-quorum.js'
import { DescribeTopicPartitions } from './describe-topic-partitions.js'
import { DescribeTransactions } from './describe-transactions.js'
import { DescribeUserScramCredentials } from './describe-user-scram-credentials.js'
import { ElectLeaders } from './elect-leaders.js'
import { EndTxn } from './end-txn.js'
import { Fetch } from './fetch.js'
import { FindCoordinator } from './find-coordinator.js'
import { GetTelemetrySubscriptions } from './get-telemetry-subscriptions.js'
import { Heartbeat } from './heartbeat.js'
import { IncrementalAlterConfigs } from './incremental-alter-configs.js'
import { InitProducerId } from './init-producer-id.js'
import { JoinGroup } from './join-group.js'
import { LeaveGroup } from './leave-group.js'
import { ListConfigResources } from './list-config-resources.js'
import { ListGroups } from './list-groups.js'
import { ListOffsets } from './list-offsets.js'
import { ListPartitionReassignments } from './list-partition-reassignments.js'
import { ListTransactions } from './list-transactions.js'
import { Metadata } from './metadata.js'
import { OffsetCommit } from './offset-commit.js'
import { OffsetDelete } from './offset-delete.js'
import { OffsetFetch } from './offset-fetch.js'
import { OffsetForLeaderEpoch } from './offset-for-leader-epoch.js'
import { Produce } from './produce.js'
import { PushTelemetry } from './push-telemetry.js'
import { RivvenCall } from './rivven-call.js'
import { SaslAuthenticate } from './sasl-authenticate.js'
import { SaslHandshake } from './sasl-handshake.js'
import { SyncGroup } from './sync-group.js'
import { TxnOffsetCommit } from './txn-offset-commit.js'
import { UpdateFeatures } from './update-features.js'
import { WriteTxnMarkers } from './write-txn-markers.js'

/** Every API that is declared, by key. */
export const allApis: readonly Api[] = [
  AddOffsetsToTxn as Api,
  AddPartitionsToTxn as Api,
  AlterClientQuotas as Api,
  AlterConfigs as Api,
  AlterPartitionReassignments as Api,
  AlterUserScramCredentials as Api,
  ApiVersions as Api,
  ConsumerGroupDescribe as Api,
  ConsumerGroupHeartbeat as Api,
  CreateAcls as Api,
  CreatePartitions as Api,
  CreateTopics as Api,
  DeleteAcls as Api,
  DeleteGroups as Api,
  DeleteRecords as Api,
  DeleteTopics as Api,
  DescribeAcls as Api,
  DescribeClientQuotas as Api,
  DescribeCluster as Api,
  DescribeConfigs as Api,
  DescribeGroups as Api,
  DescribeLogDirs as Api,
  DescribeProducers as Api,
  DescribeQuorum as Api,
  DescribeTopicPartitions as Api,
  DescribeTransactions as Api,
  DescribeUserScramCredentials as Api,
  ElectLeaders as Api,
  EndTxn as Api,
  Fetch as Api,
  FindCoordinator as Api,
  GetTelemetrySubscriptions as Api,
  Heartbeat as Api,
  IncrementalAlterConfigs as Api,
  InitProducerId as Api,
  JoinGroup as Api,
  LeaveGroup as Api,
  ListConfigResources as Api,
  ListGroups as Api,
  ListOffsets as Api,
  ListPartitionReassignments as Api,
  ListTransactions as Api,
  Metadata as Api,
  OffsetCommit as Api,
  OffsetDelete as Api,
  OffsetFetch as Api,
  OffsetForLeaderEpoch as Api,
  Produce as Api,
  PushTelemetry as Api,
  SaslAuthenticate as Api,
  SaslHandshake as Api,
  SyncGroup as Api,
  TxnOffsetCommit as Api,
  UpdateFeatures as Api,
  WriteTxnMarkers as Api,
].sort((a, b) => a.key - b.key)

/** Those that Kafka does not have. */
export const ownApis: readonly Api[] = [RivvenCall as Api]

const byKey = new Map([...allApis, ...ownApis].map((api) => [api.key, api]))

export function apiByKey(key: number): Api | undefined {
  return byKey.get(key)
}
