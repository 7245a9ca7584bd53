import { ErrorCode } from '@rivven/protocol'
import type { PartitionLog } from '../log/partition-log.js'

const NOT_GIVEN = -1

/** Does a client know the present leader (KIP-320)? -1 says that it does not care. */
export function epochFault(log: PartitionLog, currentLeaderEpoch: number): number {
  if (currentLeaderEpoch === NOT_GIVEN || currentLeaderEpoch === log.leaderEpoch) return ErrorCode.NONE
  return currentLeaderEpoch < log.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}
