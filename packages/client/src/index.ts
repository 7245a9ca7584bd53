export type {
  AwaitedMember,
  GroupWait,
  LateMember,
  LeftMember,
  PartitionMove,
  RebalanceStory,
  RefusedProtocol,
  StoryMember,
} from '@rivven/groups'
export type { BearerToken, Logger, PasswordLogin, PemSource, SaslOptions, SslOptions, TokenLogin } from '@rivven/link'
export {
  CommitFailedError,
  type ErrorDetails,
  type ErrorFacts,
  FencedError,
  NoBrokerReachableError,
  RebalanceInProgressError,
  RecordTooLargeError,
  RivvenError,
} from '@rivven/link'
export { nameToPath } from '@rivven/protocol'
export type { Acl, AclFilter } from './admin/acls.js'
export { Admin, type ClusterDescription } from './admin/admin.js'
export type { AdminOptions } from './admin/admin-options.js'
export { SeveralFailedError } from './admin/calls.js'
export type {
  ConfigChange,
  ConfigDescription,
  ConfigEntry,
  ConfigResource,
  ConfigResourceType,
  ConfigSource,
} from './admin/configs.js'
export type { CommittedOffset, OffsetToCommit } from './admin/group-offsets.js'
export type { TimelineOptions } from './admin/group-timeline.js'
export type { GroupDescription, GroupFilters, GroupListing, GroupMember, MemberToRemove } from './admin/groups.js'
export type { DeletedRecords, FoundOffset, OffsetQuery, OffsetTime } from './admin/offsets.js'
export {
  type QuotaChange,
  type QuotaDescription,
  type QuotaEntity,
  type QuotaFilter,
  type QuotaKey,
  type Quotas,
  quotaEntityText,
  quotaKeys,
} from './admin/quotas.js'
export type { CallMethod, CallOptions } from './admin/rivven-calls.js'
export type { CreatedTopic, NewTopic, TopicDescription } from './admin/topics.js'
export type {
  ActiveProducer,
  FencedProducer,
  ProducersOfPartition,
  TransactionDescription,
  TransactionFilters,
  TransactionListing,
  TransactionToAbort,
} from './admin/transactions.js'
export type { ScramMechanism, UserChange, UserDescription } from './admin/users.js'
export { consumerKeys, producerKeys, securityKeys, type ValueKind } from './config/client-keys.js'
export { type ConfigPlaces, loadConsumerConfig, loadProducerConfig } from './config/load-config.js'
export { type CloseOptions, Consumer } from './consumer/consumer.js'
export type { ConsumerRecord } from './consumer/fetch/consumer-record.js'
export type { WaitedFor } from './consumer/group/awaited-members.js'
export type { MembershipState } from './consumer/group/member.js'
export type { RebalanceInfo, RebalanceListener } from './consumer/group/rebalance-listener.js'
export type { GroupWaiting } from './consumer/group/wait-watch.js'
export type { ConsumerHealth } from './consumer/health.js'
export type { ConsumerPosition } from './consumer/offsets/consumer-position.js'
export type { OffsetForTime, PartitionOffset } from './consumer/offsets/offset-queries.js'
export type { RecordPlace } from './consumer/offsets/offsets-behind.js'
export type { AssignmentStrategy } from './consumer/options/assignment-strategy.js'
export type { AutoOffsetReset, ConsumerOptions, IsolationLevel } from './consumer/options/consumer-options.js'
export type {
  CommitTrace,
  ConnectionNews,
  OfConsumer,
  OffsetResetNews,
  PartitionsNews,
  PollTrace,
  ProcessTrace,
  RebalanceTrace,
  RequestTrace,
  SendTrace,
} from './diagnostics/channels.js'
export type { Distribution } from './diagnostics/distribution.js'
export type {
  ClientMetrics,
  ConsumerMetrics,
  PartitionMetrics,
  ProducerMetrics,
  RequestMetrics,
} from './diagnostics/metrics.js'
export { Cluster, type MetadataOptions, type RequestFor, type SendOptions, type TryLimits } from './net/cluster.js'
export type { BrokerNode, ClusterImage, PartitionImage, TopicImage } from './net/cluster-image.js'
export type { ClusterOptions } from './options.js'
export { Producer } from './producer/producer.js'
export type { Partitioner, ProducerOptions } from './producer/producer-options.js'
export type { AppendedRange, Bytes, Header, Headers, ProducerRecord, RecordMetadata } from './producer/record.js'
export { Transaction } from './producer/transactions/transaction.js'
export {
  ProducerFencedError,
  TransactionAbortableError,
  TransactionFatalError,
} from './producer/transactions/transaction-errors.js'
export type { TopicPartition } from './topic-partition.js'
