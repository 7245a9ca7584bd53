import {
  type AssignableMember,
  type AssignableTopic,
  type Assignment,
  type Assignor,
  decodeSubscription,
  encodeAssignment,
  type MemberAssignments,
  type Subscription,
} from '@rivven/groups'
import { RivvenError } from '@rivven/link'
import { DecodeError, ErrorCode, type JoinGroupResponse } from '@rivven/protocol'
import type { ClusterImage, TopicImage } from '../../net/cluster-image.js'
import { claimsOf, withoutClaimed } from './claimed-partitions.js'

/** Says in an assignment that its leader gave nobody what another member still held: our leaders do, others may not. */
const withheldMark = Buffer.from('rivven:withheld')

export function isWithheld({ userData }: Assignment): boolean {
  return userData?.equals(withheldMark) ?? false
}

/** The members of the group as its leader sees them. */
export function membersOf(answer: JoinGroupResponse): AssignableMember[] {
  return answer.members.map(({ memberId, groupInstanceId, metadata }) => {
    return { memberId, groupInstanceId, ...readSubscription(metadata, memberId) }
  })
}

function readSubscription(metadata: Buffer, memberId: string): Subscription {
  try {
    return decodeSubscription(metadata)
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause
    const text = `Member ${memberId} sent a subscription that cannot be read: ${cause.message}`
    throw new RivvenError('INVALID_RESPONSE', text, { cause, facts: { memberId } })
  }
}

export function topicsOf(members: readonly AssignableMember[]): Set<string> {
  return new Set(members.flatMap(({ topics }) => topics))
}

export interface LeaderAssignment {
  readonly assignments: { memberId: string; assignment: Buffer }[]
  /** Partitions were given to nobody, though somebody subscribed to them: their owners have to give them up first. */
  readonly hasLeftOvers: boolean
}

/** Assigns the partitions of all topics that exist; every member gets an entry, if an empty one (§7, 2). */
export function assignPartitions(
  assignor: Assignor,
  members: readonly AssignableMember[],
  image: ClusterImage,
): LeaderAssignment {
  const topics = new Map<string, AssignableTopic>()
  for (const name of topicsOf(members)) {
    const topic = image.topics.get(name)
    if (topic && exists(topic)) topics.set(name, assignable(topic, image))
  }
  const assigned = withoutClaimed(assignor.assign({ topics, members }), claimsOf(members))
  const assignments = members.map(({ memberId }) => {
    const ofMember = [...(assigned.get(memberId) ?? [])].filter(([, partitions]) => partitions.length > 0)
    const assignedPartitions = ofMember.map(([topic, partitions]) => ({ topic, partitions }))
    return { memberId, assignment: encodeAssignment({ assignedPartitions, userData: withheldMark }) }
  })
  return { assignments, hasLeftOvers: countAssigned(assigned) < countPartitions(topics) }
}

/** What an assignment depends on: when this changes, the leader joins again. */
export function snapshotOf(topics: Iterable<string>, image: ClusterImage, withRacks: boolean): string {
  const facts = [...topics].sort().map((name) => {
    const topic = image.topics.get(name)
    if (!topic || !exists(topic)) return [name]
    return withRacks ? [name, assignable(topic, image).racks] : [name, topic.partitions.length]
  })
  return JSON.stringify(facts)
}

function countAssigned(assigned: MemberAssignments): number {
  let count = 0
  for (const ofMember of assigned.values()) for (const partitions of ofMember.values()) count += partitions.length
  return count
}

function countPartitions(topics: ReadonlyMap<string, AssignableTopic>): number {
  let count = 0
  for (const { partitions } of topics.values()) count += partitions
  return count
}

function exists({ errorCode }: TopicImage): boolean {
  return errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && errorCode !== ErrorCode.INVALID_TOPIC_EXCEPTION
}

function assignable({ partitions }: TopicImage, { brokers }: ClusterImage): AssignableTopic {
  const racks = partitions.map(({ replicas }) => replicas.flatMap((id) => brokers.get(id)?.rack ?? []))
  return racks.some((ofPartition) => ofPartition.length > 0)
    ? { partitions: partitions.length, racks }
    : { partitions: partitions.length }
}
