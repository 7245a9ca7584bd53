import { ErrorCode } from '@rivven/protocol'
import type { Topic } from '../catalog/catalog.js'
import type { BrokerServices } from './handler.js'

export interface DescribedPartition {
  errorCode: number
  partitionIndex: number
  leaderId: number
  leaderEpoch: number
  replicaNodes: number[]
  isrNodes: number[]
  offlineReplicas: number[]
}

/** Partitions `from` to `to` (exclusive) of a topic: this broker leads them all. */
export function describePartitions(
  topic: Topic,
  { config, logs }: BrokerServices,
  from: number,
  to: number,
): DescribedPartition[] {
  const nodes = [config.node_id]
  const described: DescribedPartition[] = []
  for (let partitionIndex = from; partitionIndex < to; partitionIndex++) {
    const log = logs.get(topic.name, partitionIndex)
    described.push({
      errorCode: log ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
      partitionIndex,
      leaderId: log ? config.node_id : -1,
      leaderEpoch: log?.leaderEpoch ?? -1,
      replicaNodes: nodes,
      isrNodes: nodes,
      offlineReplicas: [],
    })
  }
  return described
}
