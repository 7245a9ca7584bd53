import {
  deleteGroup,
  deleteOffsets,
  type EndedTransaction,
  endTransaction,
  heartbeat,
  heartbeatAnswer,
  leaveGroup,
  leaveGroupRefusal,
  offsetDeleteRefusal,
  type ResetOutcome,
  type ResetRequest,
  resetOffsets,
  syncGroup,
  syncGroupRefusal,
} from '@rivven/groups'
import {
  coordinatorAppendError,
  type DeleteGroupsResponse,
  ErrorCode,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@rivven/protocol'
import type { GroupCommand } from './group-rules.js'

/** What groups are asked that needs nothing of the request to be refused, and how it is refused. */

export type DeletedGroup = DeleteGroupsResponse['results'][number]

export const heartbeatCommand: GroupCommand<HeartbeatRequest, HeartbeatResponse> = {
  run: heartbeat,
  refuse: heartbeatAnswer,
  isImmediate: true,
  whileLoading: ErrorCode.NONE,
}

export const syncCommand: GroupCommand<SyncGroupRequest, SyncGroupResponse> = {
  run: syncGroup,
  refuse: (errorCode) => syncGroupRefusal(coordinatorAppendError(errorCode)),
  // The Java client takes 14 on SyncGroup as fatal; 27 makes it join again (classic-groups.md §1.11).
  whileLoading: ErrorCode.REBALANCE_IN_PROGRESS,
}

export const leaveCommand: GroupCommand<LeaveGroupRequest, LeaveGroupResponse> = {
  run: leaveGroup,
  refuse: (errorCode) => leaveGroupRefusal(coordinatorAppendError(errorCode)),
}

export const deleteOffsetsCommand: GroupCommand<OffsetDeleteRequest, OffsetDeleteResponse> = {
  run: deleteOffsets,
  refuse: (errorCode) => offsetDeleteRefusal(coordinatorAppendError(errorCode)),
}

export function deleteCommand(groupId: string): GroupCommand<string, DeletedGroup> {
  return {
    run: deleteGroup,
    refuse: (errorCode) => ({ groupId, errorCode: coordinatorAppendError(errorCode) }),
  }
}

/** The operator may wait for half a minute: an error in between means that nothing was changed, or that nobody knows. */
export const resetCommand: GroupCommand<ResetRequest, ResetOutcome> = {
  run: resetOffsets,
  // As it is: what becomes of an append that failed is not known, and of a reset that waits it is.
  refuse: (errorCode) => ({ kind: 'failed', errorCode }),
}

export const endCommand: GroupCommand<EndedTransaction, number> = {
  run: endTransaction,
  refuse: () => ErrorCode.NOT_LEADER_OR_FOLLOWER,
}
