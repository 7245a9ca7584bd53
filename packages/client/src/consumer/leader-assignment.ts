import {
  type AssignableMember,
  type AssignableTopic,
  type Assignor,
  decodeSubscription,
  encodeAssignment,
  type Subscription,
} from '@rivven/groups'
import { DecodeError, ErrorCode, type JoinGroupResponse } from '@rivven/protocol'
import { RivvenError } from '../errors.js'
import type { ClusterImage, TopicImage } from '../net/cluster-image.js'

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

/** Assigns the partitions of all topics that exist; every member gets an entry, if an empty one (§7, 2). */
export function assignPartitions(
  assignor: Assignor,
  members: readonly AssignableMember[],
  image: ClusterImage,
): { memberId: string; assignment: Buffer }[] {
  const topics = new Map<string, AssignableTopic>()
  for (const name of topicsOf(members)) {
    const topic = image.topics.get(name)
    if (topic && exists(topic)) topics.set(name, assignable(topic, image))
  }
  const assigned = assignor.assign({ topics, members })
  return members.map(({ memberId }) => {
    const ofMember = [...(assigned.get(memberId) ?? [])].filter(([, partitions]) => partitions.length > 0)
    const assignedPartitions = ofMember.map(([topic, partitions]) => ({ topic, partitions }))
    return { memberId, assignment: encodeAssignment({ assignedPartitions }) }
  })
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

function exists({ errorCode }: TopicImage): boolean {
  return errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION && errorCode !== ErrorCode.INVALID_TOPIC_EXCEPTION
}

function assignable({ partitions }: TopicImage, { brokers }: ClusterImage): AssignableTopic {
  const racks = partitions.map(({ replicas }) => replicas.flatMap((id) => brokers.get(id)?.rack ?? []))
  return racks.some((ofPartition) => ofPartition.length > 0)
    ? { partitions: partitions.length, racks }
    : { partitions: partitions.length }
}
