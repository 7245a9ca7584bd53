export {
  type AclOperation,
  type AclOperationFilter,
  type AclPermissionType,
  type AclPermissionTypeFilter,
  aclOperations,
  aclPermissionTypes,
  CLUSTER_NAME,
  type PatternType,
  type PatternTypeFilter,
  patternTypes,
  type ResourceType,
  type ResourceTypeFilter,
  resourceTypes,
} from './acl-codes.js'
export {
  AddOffsetsToTxn,
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
} from './apis/add-offsets-to-txn.js'
export {
  AddPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
} from './apis/add-partitions-to-txn.js'
export { allApis, apiByKey, ownApis } from './apis/all-apis.js'
export {
  AlterClientQuotas,
  type AlterClientQuotasRequest,
  type AlterClientQuotasResponse,
} from './apis/alter-client-quotas.js'
export { AlterConfigs, type AlterConfigsRequest, type AlterConfigsResponse } from './apis/alter-configs.js'
export {
  AlterPartitionReassignments,
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
} from './apis/alter-partition-reassignments.js'
export {
  AlterUserScramCredentials,
  type AlterUserScramCredentialsRequest,
  type AlterUserScramCredentialsResponse,
} from './apis/alter-user-scram-credentials.js'
export { ApiVersions, type ApiVersionsRequest, type ApiVersionsResponse } from './apis/api-versions.js'
export {
  ConsumerGroupDescribe,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
} from './apis/consumer-group-describe.js'
export {
  ConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
} from './apis/consumer-group-heartbeat.js'
export { CreateAcls, type CreateAclsRequest, type CreateAclsResponse } from './apis/create-acls.js'
export {
  CreatePartitions,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
} from './apis/create-partitions.js'
export { CreateTopics, type CreateTopicsRequest, type CreateTopicsResponse } from './apis/create-topics.js'
export { DeleteAcls, type DeleteAclsRequest, type DeleteAclsResponse } from './apis/delete-acls.js'
export { DeleteGroups, type DeleteGroupsRequest, type DeleteGroupsResponse } from './apis/delete-groups.js'
export { DeleteRecords, type DeleteRecordsRequest, type DeleteRecordsResponse } from './apis/delete-records.js'
export { DeleteTopics, type DeleteTopicsRequest, type DeleteTopicsResponse } from './apis/delete-topics.js'
export { DescribeAcls, type DescribeAclsRequest, type DescribeAclsResponse } from './apis/describe-acls.js'
export {
  DescribeClientQuotas,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasResponse,
} from './apis/describe-client-quotas.js'
export { DescribeCluster, type DescribeClusterRequest, type DescribeClusterResponse } from './apis/describe-cluster.js'
export { DescribeConfigs, type DescribeConfigsRequest, type DescribeConfigsResponse } from './apis/describe-configs.js'
export { DescribeGroups, type DescribeGroupsRequest, type DescribeGroupsResponse } from './apis/describe-groups.js'
export { DescribeLogDirs, type DescribeLogDirsRequest, type DescribeLogDirsResponse } from './apis/describe-log-dirs.js'
export {
  DescribeProducers,
  type DescribeProducersRequest,
  type DescribeProducersResponse,
} from './apis/describe-producers.js'
export { DescribeQuorum, type DescribeQuorumRequest, type DescribeQuorumResponse } from './apis/describe-quorum.js'
export {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from './apis/describe-topic-partitions.js'
export {
  DescribeTransactions,
  type DescribeTransactionsRequest,
  type DescribeTransactionsResponse,
} from './apis/describe-transactions.js'
export {
  DescribeUserScramCredentials,
  type DescribeUserScramCredentialsRequest,
  type DescribeUserScramCredentialsResponse,
} from './apis/describe-user-scram-credentials.js'
export { ElectLeaders, type ElectLeadersRequest, type ElectLeadersResponse } from './apis/elect-leaders.js'
export { EndTxn, type EndTxnRequest, type EndTxnResponse } from './apis/end-txn.js'
export { Fetch, type FetchRequest, type FetchResponse } from './apis/fetch.js'
export { FindCoordinator, type FindCoordinatorRequest, type FindCoordinatorResponse } from './apis/find-coordinator.js'
export {
  GetTelemetrySubscriptions,
  type GetTelemetrySubscriptionsRequest,
  type GetTelemetrySubscriptionsResponse,
} from './apis/get-telemetry-subscriptions.js'
export { Heartbeat, type HeartbeatRequest, type HeartbeatResponse } from './apis/heartbeat.js'
export {
  IncrementalAlterConfigs,
  type IncrementalAlterConfigsRequest,
  type IncrementalAlterConfigsResponse,
} from './apis/incremental-alter-configs.js'
export { InitProducerId, type InitProducerIdRequest, type InitProducerIdResponse } from './apis/init-producer-id.js'
export { JoinGroup, type JoinGroupRequest, type JoinGroupResponse } from './apis/join-group.js'
export { LeaveGroup, type LeaveGroupRequest, type LeaveGroupResponse } from './apis/leave-group.js'
export {
  ListConfigResources,
  type ListConfigResourcesRequest,
  type ListConfigResourcesResponse,
} from './apis/list-config-resources.js'
export { ListGroups, type ListGroupsRequest, type ListGroupsResponse } from './apis/list-groups.js'
export { ListOffsets, type ListOffsetsRequest, type ListOffsetsResponse } from './apis/list-offsets.js'
export {
  ListPartitionReassignments,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
} from './apis/list-partition-reassignments.js'
export {
  ListTransactions,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
} from './apis/list-transactions.js'
export { Metadata, type MetadataRequest, type MetadataResponse } from './apis/metadata.js'
export { OffsetCommit, type OffsetCommitRequest, type OffsetCommitResponse } from './apis/offset-commit.js'
export { OffsetDelete, type OffsetDeleteRequest, type OffsetDeleteResponse } from './apis/offset-delete.js'
export { OffsetFetch, type OffsetFetchRequest, type OffsetFetchResponse } from './apis/offset-fetch.js'
export {
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from './apis/offset-for-leader-epoch.js'
export { Produce, type ProduceRequest, type ProduceResponse } from './apis/produce.js'
export { PushTelemetry, type PushTelemetryRequest, type PushTelemetryResponse } from './apis/push-telemetry.js'
export { RivvenCall, type RivvenCallRequest, type RivvenCallResponse } from './apis/rivven-call.js'
export {
  SaslAuthenticate,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from './apis/sasl-authenticate.js'
export { SaslHandshake, type SaslHandshakeRequest, type SaslHandshakeResponse } from './apis/sasl-handshake.js'
export { SyncGroup, type SyncGroupRequest, type SyncGroupResponse } from './apis/sync-group.js'
export { TxnOffsetCommit, type TxnOffsetCommitRequest, type TxnOffsetCommitResponse } from './apis/txn-offset-commit.js'
export { UpdateFeatures, type UpdateFeaturesRequest, type UpdateFeaturesResponse } from './apis/update-features.js'
export { WriteTxnMarkers, type WriteTxnMarkersRequest, type WriteTxnMarkersResponse } from './apis/write-txn-markers.js'
export {
  contiguous,
  DecodeError,
  type FrameChunk,
  INT64_MAX,
  isLater,
  type LaterBytes,
  type RecordData,
  TooManyElements,
} from './bytes.js'
export { coordinatorAppendError } from './coordinator-append-error.js'
export { ErrorCode, type ErrorName, errorOf, type ProtocolError } from './errors.js'
export {
  decodeBody,
  decodeRequest,
  decodeRequestHeader,
  decodeRequestInParts,
  decodeResponse,
  encodeBody,
  encodeRequest,
  encodeResponse,
  type RequestHeader,
  responseChunks,
  responseInParts,
} from './frame.js'
export { freeMemory } from './free-memory.js'
export { javaStringHash, murmur2, partitionForGroup, partitionForKey } from './hashes.js'
export { nameFromPath, nameToPath } from './path-name.js'
export { Reader } from './reader.js'
export { AbortedFilter, type AbortedTransaction } from './records/aborted-filter.js'
export {
  ATTRIBUTE_CONTROL,
  ATTRIBUTE_DELETE_HORIZON,
  ATTRIBUTE_LOG_APPEND_TIME,
  ATTRIBUTE_TRANSACTIONAL,
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  BATCH_PREFIX_SIZE,
  batchAttributes,
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchCodec,
  batchCrc,
  batchDeleteHorizon,
  batchHasLogAppendTime,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchLastOffsetDelta,
  batchLastSequence,
  batchLeaderEpoch,
  batchMagic,
  batchMaxTimestamp,
  batchNextOffset,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  batchSize,
  computeBatchCrc,
  isBatchCrcRight,
  sealBatch,
  setBatchAttributes,
  setBatchBaseOffset,
  setBatchLeaderEpoch,
  setBatchMaxTimestamp,
} from './records/batch-header.js'
export { batchesOf } from './records/batches.js'
export {
  BatchBuilder,
  type BatchBuilderOptions,
  type BatchOptions,
  buildBatch,
  buildEmptyBatch,
  type HeaderToWrite,
  type RecordToWrite,
} from './records/build-batch.js'
export { checkRecords, checkSection, type RecordsCheck } from './records/check-records.js'
export { type Codec, codecNumber, codecOf, codecs } from './records/codec.js'
export { compress, DEFAULT_MAX_DECOMPRESSED_BYTES, decompress, loadCodec } from './records/compression/compression.js'
export {
  buildControlBatch,
  type ControlRecord,
  type ControlType,
  controlRecordOf,
  type Marker,
  readControlRecord,
} from './records/control-batch.js'
export { crc32c } from './records/crc32c.js'
export { hexLines } from './records/hex-lines.js'
export { holdsText, type SearchedRecord } from './records/holds-text.js'
export { jsonLines } from './records/json-lines.js'
export { type LegacyBatch, type LegacyRecord, readLegacySet } from './records/legacy.js'
export { type BatchHeader, readBatchHeader } from './records/read-batch-header.js'
export { LazyRecord, type RecordHeader, RecordReader, readRecords } from './records/read-records.js'
export { RecordsError, type RecordsFault } from './records/records-error.js'
export { borrowedSection, recordSection, returnSection, type SectionOptions } from './records/section.js'
export { previewBytes, type SeenBytes, seenBytes, seenKinds } from './records/seen-bytes.js'
export {
  type Api,
  type Field,
  type Fields,
  hasField,
  type Message,
  type Partially,
  type RequestOf,
  type ResponseOf,
} from './schema.js'
export { type ScramMechanism, scramMechanisms } from './scram-codes.js'
export { readMetrics, type ToldMetrics } from './telemetry/read-metrics.js'
export { type MetricsToWrite, writeMetrics } from './telemetry/write-metrics.js'
export { uuidToText, ZERO_UUID } from './uuid.js'
export type { WireCodes } from './wire-codes.js'
export { LargeMessage, Writer } from './writer.js'
