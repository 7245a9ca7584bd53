import type { BrokerConfig } from '../config/broker-config.js'
import { handleApiVersions } from './brokers/api-versions.js'
import { handleDescribeCluster } from './brokers/describe-cluster.js'
import { handleDescribeLogDirs } from './brokers/describe-log-dirs.js'
import { handleDescribeQuorum } from './brokers/describe-quorum.js'
import { handleUpdateFeatures } from './brokers/update-features.js'
import { handleRivvenCall } from './calls/rivven-call.js'
import { handleAlterConfigs } from './configs/alter-configs.js'
import { handleDescribeConfigs } from './configs/describe-configs.js'
import { handleIncrementalAlterConfigs } from './configs/incremental-alter-configs.js'
import { handleListConfigResources } from './configs/list-config-resources.js'
import { handleDeleteRecords } from './data/delete-records.js'
import { handleFetch } from './data/fetch.js'
import { handleListOffsets } from './data/list-offsets.js'
import { handleOffsetForLeaderEpoch } from './data/offset-for-leader-epoch.js'
import { handleProduce } from './data/produce.js'
import { handleConsumerGroupHeartbeat } from './groups/consumer-group-heartbeat.js'
import { groupHandlers } from './groups/group-handlers.js'
import type { Handler } from './handler.js'
import { handleAlterClientQuotas } from './security/alter-client-quotas.js'
import { handleAlterUserScramCredentials } from './security/alter-user-scram-credentials.js'
import { handleCreateAcls } from './security/create-acls.js'
import { handleDeleteAcls } from './security/delete-acls.js'
import { handleDescribeAcls } from './security/describe-acls.js'
import { handleDescribeClientQuotas } from './security/describe-client-quotas.js'
import { handleDescribeUserScramCredentials } from './security/describe-user-scram-credentials.js'
import { handleSaslAuthenticate } from './security/sasl-authenticate.js'
import { handleSaslHandshake } from './security/sasl-handshake.js'
import { handleGetTelemetrySubscriptions } from './telemetry/get-telemetry-subscriptions.js'
import { handlePushTelemetry } from './telemetry/push-telemetry.js'
import { handleAlterPartitionReassignments } from './topics/alter-partition-reassignments.js'
import { handleCreatePartitions } from './topics/create-partitions.js'
import { handleCreateTopics } from './topics/create-topics.js'
import { handleDeleteTopics } from './topics/delete-topics.js'
import { handleDescribeTopicPartitions } from './topics/describe-topic-partitions.js'
import { handleElectLeaders } from './topics/elect-leaders.js'
import { handleListPartitionReassignments } from './topics/list-partition-reassignments.js'
import { handleMetadata } from './topics/metadata.js'
import { handleInitProducerId } from './transactions/init-producer-id.js'
import { transactionHandlers } from './transactions/transaction-handlers.js'

/** Everything that this broker can answer. */
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
  handleRivvenCall,
  handleGetTelemetrySubscriptions,
  handlePushTelemetry,
  ...groupHandlers,
  ...transactionHandlers,
]

const forTelemetry: readonly Handler[] = [handleGetTelemetrySubscriptions, handlePushTelemetry]

/** What it answers with these settings, and so what it advertises: clients ask for telemetry only where it is named. */
export function handlersFor({ client_telemetry_enable }: Pick<BrokerConfig, 'client_telemetry_enable'>) {
  return client_telemetry_enable ? allHandlers : allHandlers.filter((handler) => !forTelemetry.includes(handler))
}
