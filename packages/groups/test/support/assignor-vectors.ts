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

/** How even and how sticky an assignment is; kept and moved count partitions with one claimant of the newest generation. */
export function figuresOf(
  vector: AssignorVector,
  input: AssignmentInput,
  claimed: Map<string, readonly TopicPartitions[]>,
): Required<Figures> {
  const assignment = plainOwners(vector.assignment)
  const counts = Object.values(vector.assignment).map((topics) => Object.values(topics).flat().length)
  const valid = validClaims(vector, input, claimed)
  const kept = [...valid].filter(([name, memberId]) => assignment.get(name) === memberId).length
  const lost = [...valid].filter(([name]) => !assignment.has(name)).length
  const subscribed = new Set(input.members.flatMap(({ topics }) => topics))
  let total = 0
  for (const [topic, { partitions }] of input.topics) if (subscribed.has(topic)) total += partitions
  return {
    min: Math.min(...counts),
    max: Math.max(...counts),
    kept,
    moved: valid.size - kept - lost,
    withheld: total - assignment.size,
  }
}

function plainOwners(assignment: Record<string, ByTopic>): Map<string, string> {
  const owners = new Map<string, string>()
  for (const [memberId, topics] of Object.entries(assignment)) {
    for (const [topic, partitions] of Object.entries(topics)) {
      for (const partition of partitions) owners.set(`${topic}-${partition}`, memberId)
    }
  }
  return owners
}

function validClaims(
  { topics }: AssignorVector,
  input: AssignmentInput,
  claimed: Map<string, readonly TopicPartitions[]>,
) {
  const newest = new Map<string, { generation: number; memberIds: string[] }>()
  for (const { memberId, generationId: generation } of input.members) {
    for (const { topic, partitions } of claimed.get(memberId) ?? []) {
      for (const partition of partitions.filter((number) => number < (topics[topic]?.partitions ?? 0))) {
        const name = `${topic}-${partition}`
        const known = newest.get(name)
        if (!known || known.generation < generation) newest.set(name, { generation, memberIds: [memberId] })
        else if (known.generation === generation) known.memberIds.push(memberId)
      }
    }
  }
  const alone = [...newest].filter(([, { memberIds }]) => memberIds.length === 1)
  return new Map(alone.map(([name, { memberIds }]) => [name, memberIds[0]]))
}

function topicPartitions(byTopic: ByTopic): TopicPartitions[] {
  return Object.entries(byTopic).map(([topic, partitions]) => ({ topic, partitions }))
}
