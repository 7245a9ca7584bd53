import { handleAlterClientQuotas } from './alter-client-quotas.js'
import { handleAlterConfigs } from './alter-configs.js'
import { handleAlterPartitionReassignments } from './alter-partition-reassignments.js'
import { handleAlterUserScramCredentials } from './alter-user-scram-credentials.js'
import { handleApiVersions } from './api-versions.js'
import { handleConsumerGroupHeartbeat } from './consumer-group-heartbeat.js'
import { handleCreateAcls } from './create-acls.js'
import { handleCreatePartitions } from './create-partitions.js'
import { handleCreateTopics } from './create-topics.js'
import { handleDeleteAcls } from './delete-acls.js'
import { handleDeleteRecords } from './delete-records.js'
import { handleDeleteTopics } from './delete-topics.js'
import { handleDescribeAcls } from './describe-acls.js'
import { handleDescribeClientQuotas } from './describe-client-quotas.js'
import { handleDescribeCluster } from './describe-cluster.js'
import { handleDescribeConfigs } from './describe-configs.js'
import { handleDescribeLogDirs } from './describe-log-dirs.js'
import { handleDescribeQuorum } from './describe-quorum.js'
import { handleDescribeTopicPartitions } from './describe-topic-partitions.js'
import { handleDescribeUserScramCredentials } from './describe-user-scram-credentials.js'
import { handleElectLeaders } from './elect-leaders.js'
import { handleFetch } from './fetch.js'
import { groupHandlers } from './group-handlers.js'
import type { Handler } from './handler.js'
import { handleIncrementalAlterConfigs } from './incremental-alter-configs.js'
import { handleInitProducerId } from './init-producer-id.js'
import { handleListConfigResources } from './list-config-resources.js'
import { handleListOffsets } from './list-offsets.js'
import { handleListPartitionReassignments } from './list-partition-reassignments.js'
import { handleMetadata } from './metadata.js'
import { handleOffsetForLeaderEpoch } from './offset-for-leader-epoch.js'
import { handleProduce } from './produce.js'
import { handleSaslAuthenticate } from './sasl-authenticate.js'
import { handleSaslHandshake } from './sasl-handshake.js'
import { transactionHandlers } from './transaction-handlers.js'
import { handleUpdateFeatures } from './update-features.js'

/** Everything that this broker answers, and so everything that it advertises. */
export const allHandlers: readonly Handler[] = [
  handleProduce,
  handleFetch,
  handleListOffsets,
  handleOffsetForLeaderEpoch,
  handleInitProducerId,
  handleMetadata,
  handleDescribeCluster,
  handleDescribeTopicPartitions,
  handleCreateTopics,
  handleDeleteTopics,
  handleCreatePartitions,
  handleDeleteRecords,
  handleDescribeConfigs,
  handleAlterConfigs,
  handleIncrementalAlterConfigs,
  handleListConfigResources,
  handleDescribeLogDirs,
  handleElectLeaders,
  handleAlterPartitionReassignments,
  handleConsumerGroupHeartbeat,
  handleDescribeQuorum,
  handleUpdateFeatures,
  handleListPartitionReassignments,
  handleApiVersions,
  handleDescribeAcls,
  handleCreateAcls,
  handleDeleteAcls,
  handleDescribeUserScramCredentials,
  handleAlterUserScramCredentials,
  handleDescribeClientQuotas,
  handleAlterClientQuotas,
  handleSaslHandshake,
  handleSaslAuthenticate,
  ...groupHandlers,
  ...transactionHandlers,
]
