import { assignedPartitions, firstExpiry, type Group, type Member } from '@rivven/groups'
import type { BrokerConfig } from '../../config/broker-config.js'
import { topicsOf } from '../../coordinator/groups/member-topics.js'
import { type Caller, mayOnTopic } from '../../handlers/rights/denial.js'
import type { GroupLag } from '../../lag/group-lag.js'
import { type LagSources, standingsOf } from '../../lag/standings.js'
import type { GroupMember, GroupOffset, GroupPage, GroupRow } from './group-shapes.js'

type SampledFields = Pick<GroupRow, 'sampledLag' | 'lagSeconds' | 'status' | 'catchUpSeconds' | 'eta'>

/** Who asks, and where lag is known. */
export interface Telling {
  readonly services: LagSources & { readonly lag: GroupLag; readonly config: BrokerConfig }
  readonly caller: Caller
}

/** What may be told of topics: those that the caller may not describe are left out. */
export function isOpenTo(caller: Caller): (topic: string) => boolean {
  return (topic) => mayOnTopic(caller, 'DESCRIBE', topic)
}

/** Records that a group is behind, in what the caller may see. */
export function lagOfGroup(group: Group, { services, caller }: Telling): number {
  let lag = 0
  // What is beyond the end of one partition makes up for nothing in another.
  for (const partition of standingsOf(group, services, isOpenTo(caller))) lag += Math.max(0, partition.lag)
  return lag
}

export function rowOfGroup(group: Group, telling: Telling): GroupRow {
  const { groupId, state, protocolType, members } = group
  return {
    ...{ groupId, state, protocolType, memberCount: members.size, lag: lagOfGroup(group, telling) },
    ...sampledOf(group, telling),
  }
}

/** What the last look has found; nothing where topics are in it that the caller may not see. */
export function sampledOf(group: Group, { services, caller }: Telling): SampledFields {
  const isOpen = isOpenTo(caller)
  const isAllOpen = [...group.offsets.committed.keys()].every(isOpen)
  const sample = isAllOpen ? services.lag.sampler.sampleOf(group) : undefined
  if (!sample) return { sampledLag: null, lagSeconds: null, status: null, catchUpSeconds: null, eta: null }
  const { lag: sampledLag, lagSeconds, status, catchUpSeconds, eta } = sample
  return { sampledLag, lagSeconds, status, catchUpSeconds, eta }
}

export function pageOfGroup(group: Group, telling: Telling): GroupPage {
  const isOpen = isOpenTo(telling.caller)
  return {
    ...rowOfGroup(group, telling),
    protocol: group.protocolName,
    generation: group.generation,
    leader: group.leaderId,
    reset: resetOf(group),
    offsetsExpireAt: firstExpiry(group, telling.services.config.offsets_retention_minutes * 60_000),
    members: Array.from(group.members.values(), (member) => memberOf(group, member, isOpen)),
    offsets: Array.from(
      standingsOf(group, telling.services, isOpen),
      ({ committed, log: _, ...rest }): GroupOffset => ({
        ...rest,
        committedOffset: committed.offset,
        metadata: committed.metadata,
        committedAt: committed.commitTimestamp,
      }),
    ),
  }
}

function resetOf({ reset }: Group): GroupPage['reset'] {
  if (reset === null) return null
  const { stage, memberCount, request } = reset
  return { stage, memberCount, reason: request.reason }
}

function memberOf(group: Group, member: Member, isOpen: (topic: string) => boolean): GroupMember {
  const { memberId, groupInstanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = member
  const topics = topicsOf(group, member)
  const assigned = group.protocolType === 'consumer' ? assignedPartitions(member.assignment) : null
  const assignment = assigned?.filter(({ topic }) => isOpen(topic)) ?? null
  const who = { memberId, groupInstanceId, clientId, clientHost }
  return { ...who, sessionTimeoutMs, rebalanceTimeoutMs, topics: topics?.filter(isOpen) ?? null, assignment }
}
