import { ElectLeaders, ErrorCode } from '@rivven/protocol'
import { leaderOf } from '../../cluster/image.js'
import { handler } from '../handler.js'
import { clusterDenial } from '../rights/denial.js'

/** Every partition is led by its only replica, so no election is ever needed; without a list there is nothing to tell. */
export const handleElectLeaders = handler(ElectLeaders, ({ topicPartitions }, { cluster }, context) => {
  const denied = clusterDenial(context, 'ALTER')
  const judge = (topic: string, partitionId: number) => {
    if (denied !== ErrorCode.NONE)
      return { partitionId, errorCode: denied, errorMessage: 'This needs ALTER on the cluster.' }
    return leaderOf(cluster.image, topic, partitionId)
      ? { partitionId, errorCode: ErrorCode.ELECTION_NOT_NEEDED, errorMessage: 'The partition has one replica.' }
      : { partitionId, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: 'There is no such partition.' }
  }
  const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => judge(topic, partitionId)),
  }))
  return { errorCode: denied, replicaElectionResults }
})
