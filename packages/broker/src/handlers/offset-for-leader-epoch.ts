import { ErrorCode, OffsetForLeaderEpoch } from '@rivven/protocol'
import { epochFault } from './epoch-fault.js'
import { handler } from './handler.js'

export const handleOffsetForLeaderEpoch = handler(OffsetForLeaderEpoch, (request, { logs }) => ({
  topics: request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
      const log = logs.get(topic, partition)
      if (!log) return { partition, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION }
      const errorCode = epochFault(log, currentLeaderEpoch)
      if (errorCode !== ErrorCode.NONE) return { partition, errorCode }
      return { partition, errorCode, ...log.endOffsetForEpoch(leaderEpoch) }
    }),
  })),
}))
