import { decodeAssignment, type Group, type Member, subscribedTopics, type TopicPartitions } from '@rivven/groups'
import type { Clock } from '@rivven/runtime'
import { Breath } from '../breath.js'
import type { BrokerServices } from '../handlers/handler.js'
import { type LagSources, lagsOf } from './group-lag.js'

/** One line of `GET /api/groups`. */
export interface GroupLine {
  readonly groupId: string
  readonly state: string
  /** Null: it only has committed offsets. */
  readonly protocolType: string | null
  readonly memberCount: number
  /** Records it is behind, over all partitions with a committed offset. */
  readonly lag: number
}

/** `GET /api/groups/:group` */
export interface GroupPage extends GroupLine {
  readonly protocol: string | null
  readonly generation: number
  readonly leader: string | null
  readonly members: readonly MemberPart[]
  readonly offsets: readonly OffsetPart[]
}

export interface MemberPart {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** Null: not of protocol type `consumer`, or not readable. */
  readonly topics: readonly string[] | null
  readonly assignment: readonly TopicPartitions[] | null
}

export interface OffsetPart {
  readonly topic: string
  readonly partition: number
  readonly committedOffset: number
  readonly metadata: string
  /** Milliseconds since 1970. */
  readonly committedAt: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly lag: number
}

export type GroupAnswer =
  | { readonly kind: 'found'; readonly group: GroupPage }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable' }

/** All groups, by name. */
export async function listGroups(services: BrokerServices, clock: Clock): Promise<GroupLine[]> {
  const breath = new Breath(clock)
  const lines: GroupLine[] = []
  for (const group of services.coordinator.groups()) {
    lines.push(lineOf(group, services))
    if (breath.isDue) await breath.take()
  }
  return lines.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

/** One group; what it says is durable. */
export async function describeGroup(services: BrokerServices, groupId: string): Promise<GroupAnswer> {
  const look = (group: Group | undefined): GroupAnswer =>
    group ? { kind: 'found', group: pageOf(group, services) } : { kind: 'unknown' }
  return services.coordinator.look(groupId, look, () => ({ kind: 'unavailable' }))
}

function lineOf(group: Group, sources: LagSources): GroupLine {
  const { groupId, state, protocolType, members } = group
  let lag = 0
  // What is beyond the end of one partition makes up for nothing in another.
  for (const partition of lagsOf(group, sources)) lag += Math.max(0, partition.lag)
  return { groupId, state, protocolType, memberCount: members.size, lag }
}

function pageOf(group: Group, sources: LagSources): GroupPage {
  return {
    ...lineOf(group, sources),
    protocol: group.protocolName,
    generation: group.generation,
    leader: group.leaderId,
    members: Array.from(group.members.values(), (member) => memberOf(group, member)),
    offsets: Array.from(lagsOf(group, sources), ({ committed, ...rest }) => ({
      ...rest,
      committedOffset: committed.offset,
      metadata: committed.metadata,
      committedAt: committed.commitTimestamp,
    })),
  }
}

function memberOf(group: Group, member: Member): MemberPart {
  const { memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = member
  const isConsumer = group.protocolType === 'consumer'
  const protocol = member.protocols.find(({ name }) => name === group.protocolName) ?? member.protocols[0]
  const topics = isConsumer && protocol ? subscribedTopics(protocol.metadata) : null
  const assignment = isConsumer ? readAssignment(member.assignment) : null
  const who = { memberId, groupInstanceId, clientId, clientHost }
  return { ...who, sessionTimeoutMs, rebalanceTimeoutMs, topics: topics && [...topics], assignment }
}

/** No bytes: nothing was assigned. Bytes of somebody's own format: null. */
function readAssignment(bytes: Buffer): readonly TopicPartitions[] | null {
  if (bytes.length === 0) return []
  try {
    return decodeAssignment(bytes).assignedPartitions
  } catch {
    return null
  }
}
