import {
  type HeartbeatRequest,
  type JoinGroupRequest,
  type OffsetCommitRequest,
  type SyncGroupRequest,
  ZERO_UUID,
} from '@rivven/protocol'
import type { Asker } from '../../src/coordinator/shards/shard-host.js'
import type { RequestConnection } from '../../src/request-connection.js'

export const asker: Asker = { apiVersion: 5, clientId: 'app', clientHost: '/127.0.0.1' }

/** Stays open, whoever asks. */
export const noConnection: RequestConnection = {
  closed: false,
  onClose: () => () => undefined,
  close: () => undefined,
}

/** Offsets of topic `t` by partition, committed by nobody in particular. */
export function commitOf(
  groupId: string,
  offsets: Record<number, number>,
  member: { memberId?: string; generation?: number; topic?: string } = {},
): OffsetCommitRequest {
  const partitions = Object.entries(offsets).map(([partition, committedOffset]) => ({
    partitionIndex: Number(partition),
    committedOffset,
    committedLeaderEpoch: -1,
    committedMetadata: '',
  }))
  return {
    groupId,
    generationIdOrMemberEpoch: member.generation ?? -1,
    memberId: member.memberId ?? '',
    groupInstanceId: null,
    retentionTimeMs: -1,
    topics: [{ name: member.topic ?? 't', topicId: ZERO_UUID, partitions }],
  }
}

/** A static member, so that one JoinGroup is enough. */
export function joinOf(groupId: string, instance: string, memberId = ''): JoinGroupRequest {
  return {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    memberId,
    groupInstanceId: instance,
    protocolType: 'consumer',
    reason: null,
    protocols: [{ name: 'range', metadata: Buffer.from('m') }],
  }
}

export function syncOf(groupId: string, memberId: string, generationId: number): SyncGroupRequest {
  return {
    groupId,
    generationId,
    memberId,
    groupInstanceId: null,
    protocolType: null,
    protocolName: null,
    assignments: [{ memberId, assignment: Buffer.from('yours') }],
  }
}

export function beatOf(groupId: string, memberId: string, generationId: number): HeartbeatRequest {
  return { groupId, memberId, generationId, groupInstanceId: null }
}
