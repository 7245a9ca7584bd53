import { ElectLeaders, ErrorCode } from '@rivven/protocol'
import { handler } from './handler.js'

/** Every partition is led by its only replica, so no election is ever needed; without a list there is nothing to tell. */
export const handleElectLeaders = handler(ElectLeaders, ({ topicPartitions }, { logs }) => ({
  errorCode: ErrorCode.NONE,
  replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => {
      const isKnown = logs.has(topic, partitionId)
      const errorCode = isKnown ? ErrorCode.ELECTION_NOT_NEEDED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      return {
        partitionId,
        errorCode,
        errorMessage: isKnown ? 'The partition has one replica.' : 'There is no such partition.',
      }
    }),
  })),
}))
