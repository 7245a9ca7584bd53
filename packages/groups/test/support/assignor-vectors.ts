import type { AssignmentInput, MemberAssignments, TopicPartitions } from '../../src/index.js'
import { bytesOf, readVectors } from './vectors.js'

type ByTopic = Record<string, number[]>

export interface AssignorVector {
  name: string
  assignor: string
  topics: Record<string, { partitions: number; racks?: string[][] }>
  members: {
    memberId: string
    instanceId: string | null
    rackId: string | null
    topics: string[]
    ownedPartitions: ByTopic
    generation: number
    userData: string | null
  }[]
  assignment: Record<string, ByTopic>
  figures: Figures
  deterministic: boolean
  figuresVary?: boolean
}

export interface Figures {
  min: number
  max: number
  kept?: number
  moved?: number
  withheld?: number
}

export function assignorVectors(assignor: string): AssignorVector[] {
  const { handChosen, random } = readVectors<{ handChosen: AssignorVector[]; random: AssignorVector[] }>('assignors')
  return [...handChosen, ...random].filter((vector) => vector.assignor === assignor)
}

export function inputOf({ topics, members }: AssignorVector): AssignmentInput {
  return {
    topics: new Map(Object.entries(topics)),
    members: members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      rackId: member.rackId,
      topics: member.topics,
      ownedPartitions: topicPartitions(member.ownedPartitions),
      generationId: member.generation,
      userData: bytesOf(member.userData),
    })),
  }
}

/** As plain objects with sorted partitions, to be compared. */
export function plain(assignments: MemberAssignments): Record<string, ByTopic> {
  return Object.fromEntries(
    Array.from(assignments, ([memberId, topics]) => [
      memberId,
      Object.fromEntries(Array.from(topics, ([topic, partitions]) => [topic, [...partitions].sort((a, b) => a - b)])),
    ]),
  )
}

function topicPartitions(byTopic: ByTopic): TopicPartitions[] {
  return Object.entries(byTopic).map(([topic, partitions]) => ({ topic, partitions }))
}
