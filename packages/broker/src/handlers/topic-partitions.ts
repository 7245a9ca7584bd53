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

const noNodes: number[] = []

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
    const isLed = logs.has(topic.name, partitionIndex)
    described.push({
      errorCode: isLed ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
      partitionIndex,
      leaderId: isLed ? config.node_id : -1,
      leaderEpoch: isLed ? logs.leaderEpoch : -1,
      replicaNodes: nodes,
      isrNodes: nodes,
      offlineReplicas: noNodes,
    })
  }
  return described
}
