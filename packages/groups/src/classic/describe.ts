import { type DescribeGroupsResponse, ErrorCode, type ListGroupsResponse } from '@rivven/protocol'
import type { Group, Member } from '../group.js'
import { noBytes } from '../refusals.js'
import type { GroupShard } from '../shard.js'
import { metadataOf } from './voting.js'

export type DescribedGroup = DescribeGroupsResponse['groups'][number]
export type ListedGroup = ListGroupsResponse['groups'][number]

/** The value of `authorizedOperations` where they were not asked for. */
export const operationsNotAsked = -2147483648

/** One group as DescribeGroups shows it: metadata and assignments in full only when Stable (specification 3.7). */
export function describeGroup(shard: GroupShard, groupId: string, apiVersion: number): DescribedGroup {
  const group = shard.groups.get(groupId)
  if (!group) return unknownGroup(groupId, apiVersion)
  const settled = group.state === 'Stable'
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: settled ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => describedMember(group, member)),
    authorizedOperations: operationsNotAsked,
  }
}

/** Filters of ListGroups; an empty list lets all pass. Names are compared without regard to case. */
export interface ListFilters {
  readonly statesFilter: readonly string[]
  readonly typesFilter: readonly string[]
}

export function listGroups(shard: GroupShard, { statesFilter, typesFilter }: ListFilters): ListedGroup[] {
  const states = lowerCased(statesFilter)
  const types = lowerCased(typesFilter)
  if (types.size > 0 && !types.has('classic')) return []
  const listed: ListedGroup[] = []
  for (const { groupId, state, protocolType } of shard.groups.values()) {
    if (states.size > 0 && !states.has(state.toLowerCase())) continue
    listed.push({ groupId, protocolType: protocolType ?? '', groupState: state, groupType: 'classic' })
  }
  return listed
}

function describedMember(group: Group, member: Member): DescribedGroup['members'][number] {
  const settled = group.state === 'Stable'
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    memberMetadata: settled ? metadataOf(member, group.protocolName) : noBytes,
    memberAssignment: settled ? member.assignment : noBytes,
  }
}

/** Up to version 5 an unknown group is a dead one without error. */
function unknownGroup(groupId: string, apiVersion: number): DescribedGroup {
  return {
    errorCode: apiVersion < 6 ? ErrorCode.NONE : ErrorCode.GROUP_ID_NOT_FOUND,
    errorMessage: apiVersion < 6 ? null : `Group ${groupId} not found.`,
    groupId,
    groupState: 'Dead',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: operationsNotAsked,
  }
}

function lowerCased(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => name.toLowerCase()))
}

/** The answer for a group that cannot be looked at. */
export function describeGroupRefusal(groupId: string, errorCode: number): DescribedGroup {
  return {
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: operationsNotAsked,
  }
}
