import type { JoinGroupResponse } from '@rivven/protocol'
import type { Group, Member } from '../group.js'
import { metadataOf } from './voting.js'

/** The answer to a member of the current generation: the leader is given all members with their metadata. */
export function joinGroupAnswer(group: Group, member: Member, apiVersion: number): JoinGroupResponse {
  const isLeader = member.memberId === group.leaderId
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName ?? (apiVersion < 7 ? '' : null),
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId: member.memberId,
    members: isLeader ? memberList(group) : [],
  }
}

function memberList(group: Group): JoinGroupResponse['members'] {
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: metadataOf(member, group.protocolName),
  }))
}
