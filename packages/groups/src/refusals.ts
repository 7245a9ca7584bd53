import {
  coordinatorAppendError,
  ErrorCode,
  type HeartbeatResponse,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type OffsetDeleteResponse,
  type SyncGroupResponse,
} from '@rivven/protocol'

/** Zero-length bytes: what a broker hands out where there is no assignment. */
export const noBytes: Buffer = Buffer.alloc(0)

/** An answer to JoinGroup that is an error. Before version 7 an absent protocol name is `""`, from then on null (KIP-559). */
export function joinGroupRefusal(errorCode: number, memberId: string, apiVersion: number): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: apiVersion < 7 ? '' : null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

export function syncGroupRefusal(errorCode: number): SyncGroupResponse {
  return { throttleTimeMs: 0, errorCode, protocolType: null, protocolName: null, assignment: noBytes }
}

/** `reason`: why it is refused, where Kafka's error does not say. */
export function heartbeatAnswer(errorCode: number, reason: string | null = null): HeartbeatResponse {
  return { throttleTimeMs: 0, errorCode, reason }
}

export function leaveGroupRefusal(errorCode: number): LeaveGroupResponse {
  return { throttleTimeMs: 0, errorCode, members: [] }
}

/** The members a LeaveGroup names: one in versions 0-2, a list from 3 on. */
export function leavingMembers(request: LeaveGroupRequest, apiVersion: number): LeaveGroupRequest['members'] {
  return apiVersion < 3 ? [{ memberId: request.memberId, groupInstanceId: null, reason: null }] : request.members
}

/** OffsetCommit has no error at the top: an error of the group is that of every partition. `reason`: as of a heartbeat. */
export function offsetCommitRefusal(
  request: Pick<OffsetCommitRequest, 'topics'>,
  errorCode: number,
  reason: string | null = null,
): OffsetCommitResponse {
  return {
    throttleTimeMs: 0,
    reason,
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }
}

export function offsetDeleteRefusal(errorCode: number): OffsetDeleteResponse {
  return { errorCode, throttleTimeMs: 0, topics: [] }
}

/** What `coordinatorAppendError` says, for OffsetFetch: clients before Kafka 3.9 give up on COORDINATOR_NOT_AVAILABLE here (specification 3.2). */
export function fetchAppendError(errorCode: number): number {
  const told = coordinatorAppendError(errorCode)
  return told === ErrorCode.COORDINATOR_NOT_AVAILABLE ? ErrorCode.NOT_COORDINATOR : told
}

/** The same for OffsetCommit, where too large is INVALID_COMMIT_OFFSET_SIZE (specification 1.11). */
export function commitAppendError(errorCode: number): number {
  const tooLarge =
    errorCode === ErrorCode.MESSAGE_TOO_LARGE ||
    errorCode === ErrorCode.RECORD_LIST_TOO_LARGE ||
    errorCode === ErrorCode.INVALID_FETCH_SIZE
  return tooLarge ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE : coordinatorAppendError(errorCode)
}
