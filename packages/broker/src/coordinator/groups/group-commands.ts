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
    run: (shard, { ticket }) => deleteGroup(shard, groupId, ticket),
    refuse: (errorCode) => ({ groupId, errorCode: coordinatorAppendError(errorCode) }),
  }
}

export const endCommand: GroupCommand<EndedTransaction, number> = {
  run: endTransaction,
  refuse: () => ErrorCode.NOT_LEADER_OR_FOLLOWER,
}
