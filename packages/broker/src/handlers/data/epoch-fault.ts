import { ErrorCode } from '@rivven/protocol'
import type { PartitionView } from '../../log/partition-log.js'

const NOT_GIVEN = -1

/** Can the log be asked, and does a client know the present leader (KIP-320)? -1 says that it does not care. */
export function epochFault(log: PartitionView, currentLeaderEpoch: number): number {
  // Kafka's clients take "no such epoch" for a truncated log, and read from the beginning.
  if (!log.isReadable) return ErrorCode.KAFKA_STORAGE_ERROR
  if (currentLeaderEpoch === NOT_GIVEN || currentLeaderEpoch === log.leaderEpoch) return ErrorCode.NONE
  return currentLeaderEpoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}
