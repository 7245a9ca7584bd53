import { decodeAssignment, decodeSubscription } from '@rivven/groups'
import { errorFromCode, RivvenError } from '@rivven/link'
import {
  DecodeError,
  DeleteGroups,
  DescribeGroups,
  type DescribeGroupsResponse,
  ErrorCode,
  LeaveGroup,
  ListGroups,
  type ListGroupsResponse,
} from '@rivven/protocol'
import type { TopicPartition } from '../topic-partition.js'
import { answered } from './answered.js'
import { type AdminCalls, asRequest, resourceError, throwAny, throwFailures } from './calls.js'

export interface GroupListing {
  groupId: string
  /** `consumer` for consumers; empty for a group that only has offsets. */
  protocolType: string
  /** `Stable`, `Empty`, …; absent from brokers before Kafka 2.6. */
  state?: string
  /** `classic`, `consumer`, …; absent from brokers before Kafka 3.8. */
  type?: string
  /** Node id of the broker that coordinates it. */
  coordinator: number
}

export interface GroupFilters {
  /** Only groups in these states. Default: all. */
  states?: readonly string[]
  /** Only groups of these types. Default: all. */
  types?: readonly string[]
}

export interface GroupDescription {
  groupId: string
  /** `Dead`: there is no such group. */
  state: string
  protocolType: string
  /** The assignor that the members agreed on; empty unless the group is stable. */
  protocol: string
  coordinator: { id: number; host: string; port: number }
  members: GroupMember[]
}

export interface GroupMember {
  memberId: string
  /** Set for static members (KIP-345). */
  groupInstanceId: string | null
  clientId: string
  clientHost: string
  /** What it subscribes to; empty unless the group is stable. */
  topics: readonly string[]
  /** What it owns; empty unless the group is stable. */
  assignment: TopicPartition[]
}

/** A member to be removed, by one of its ids. */
export type MemberToRemove = { memberId: string } | { groupInstanceId: string }

/** Each broker only knows the groups that it coordinates. */
export async function listGroups(calls: AdminCalls, filters: GroupFilters): Promise<GroupListing[]> {
  const { brokers } = await calls.cluster.metadata([], { isFresh: true })
  const lists = await Promise.all([...brokers.keys()].map((broker) => listGroupsOf(calls, broker, filters)))
  return lists.flat().sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

async function listGroupsOf(calls: AdminCalls, broker: number, filters: GroupFilters): Promise<GroupListing[]> {
  const what = `Listing groups of broker ${broker}`
  const answer: ListGroupsResponse = await calls.retrying(what, async () => {
    const answer = await calls.cluster.send(broker, ListGroups, (version) => listRequest(filters, version))
    if (answer.errorCode !== ErrorCode.NONE) throw errorFromCode(answer.errorCode, what, { facts: { broker } })
    return answer
  })
  return answer.groups.map(({ groupId, protocolType, groupState, groupType }) => {
    const state = groupState === '' ? {} : { state: groupState }
    return { groupId, protocolType, ...state, ...(groupType === '' ? {} : { type: groupType }), coordinator: broker }
  })
}

function listRequest({ states = [], types = [] }: GroupFilters, version: number) {
  if (version < 4 && states.length > 0) throw tooOld('filter groups by state')
  if (version < 5 && types.length > 0) throw tooOld('filter groups by type')
  return asRequest(ListGroups, { statesFilter: [...states], typesFilter: [...types] })
}

function tooOld(what: string): RivvenError {
  return new RivvenError('UNSUPPORTED_BY_BROKER', `The broker is too old to ${what}.`)
}

type DescribedGroup = DescribeGroupsResponse['groups'][number]

export async function describeGroup(calls: AdminCalls, groupId: string): Promise<GroupDescription> {
  const request = asRequest(DescribeGroups, { groups: [groupId] })
  const answer = await calls.toCoordinator(groupId, DescribeGroups, request, ({ groups }) =>
    groups.map((g) => g.errorCode),
  )
  const found = answer.groups.find((one) => one.groupId === groupId)
  const group = answered(found, `group ${groupId}`, { group: groupId })
  const isUnknown = group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND
  if (!isUnknown)
    throwFailures([group], () => ({
      what: `Describing group ${groupId}`,
      facts: { group: groupId, operation: 'DESCRIBE' },
    }))
  const id = await calls.cluster.coordinator(groupId, 'group')
  return {
    groupId,
    state: isUnknown ? 'Dead' : group.groupState,
    protocolType: group.protocolType,
    protocol: group.protocolData,
    coordinator: { id, ...(calls.cluster.addressOf(id) ?? { host: '', port: -1 }) },
    members: group.members.map((member) => memberOf(member, group.protocolType === 'consumer')),
  }
}

function memberOf(member: DescribedGroup['members'][number], isConsumer: boolean): GroupMember {
  const { memberId, groupInstanceId, clientId, clientHost, memberMetadata, memberAssignment } = member
  const topics = isConsumer ? readOr([], () => decodeSubscription(memberMetadata).topics) : []
  const assigned = isConsumer ? readOr([], () => decodeAssignment(memberAssignment).assignedPartitions) : []
  const assignment = assigned.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
  return { memberId, groupInstanceId, clientId, clientHost, topics, assignment }
}

/** Members may send any bytes; what cannot be read is shown as nothing. */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return otherwise
    throw error
  }
}

export async function deleteGroups(calls: AdminCalls, groupIds: readonly string[]): Promise<void> {
  const ends = await Promise.allSettled([...new Set(groupIds)].map((groupId) => deleteGroup(calls, groupId)))
  throwAny(ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as RivvenError] : [])))
}

async function deleteGroup(calls: AdminCalls, groupId: string): Promise<void> {
  const request = asRequest(DeleteGroups, { groupsNames: [groupId] })
  const answer = await calls.toCoordinator(groupId, DeleteGroups, request, ({ results }) =>
    results.map((r) => r.errorCode),
  )
  throwFailures(answer.results, () => ({
    what: `Deleting group ${groupId}`,
    facts: { group: groupId, operation: 'DELETE' },
  }))
}

/** Several members at a time since version 3 of LeaveGroup (KIP-345); before, one by its member id. */
export async function removeMembers(
  calls: AdminCalls,
  groupId: string,
  members: readonly MemberToRemove[],
  reason?: string,
): Promise<void> {
  const group = await describeGroup(calls, groupId)
  const leaving = members.map((member) => leavingMember(group, member, removalReason(reason)))
  const request = asRequest(LeaveGroup, { groupId, members: leaving })
  const batched = (version: number) => {
    if (version < 3) throw tooOld('remove members of a group')
    return request
  }
  const answer = await calls.toCoordinator(groupId, LeaveGroup, batched, ({ errorCode }) => [errorCode])
  if (answer.errorCode !== ErrorCode.NONE) {
    throw errorFromCode(answer.errorCode, `Removing members of group ${groupId}`, { facts: { group: groupId } })
  }
  throwAny(
    answer.members
      .filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
      .map((member) => {
        const { memberId, groupInstanceId } = member
        const facts = { group: groupId, memberId, groupInstanceId: groupInstanceId ?? undefined }
        return resourceError(member, `Removing ${groupInstanceId ?? memberId} from group ${groupId}`, facts)
      }),
  )
}

/** In the words of Java's Admin, by which a reader of many clients' logs knows it; brokers take 255 characters (KIP-800). */
function removalReason(reason: string | undefined): string {
  const words = 'member was removed by an admin'
  return (reason ? `${words}: ${reason}` : words).slice(0, 255)
}

function leavingMember(group: GroupDescription, member: MemberToRemove, reason: string) {
  if ('groupInstanceId' in member) return { memberId: '', groupInstanceId: member.groupInstanceId, reason }
  const known = group.members.find(({ memberId }) => memberId === member.memberId)
  return { memberId: member.memberId, groupInstanceId: known?.groupInstanceId ?? null, reason }
}
