import {
  decodeCooperativeUserData,
  decodeStickyUserData,
  encodeCooperativeUserData,
  encodeStickyUserData,
} from '../sticky-user-data.js'
import type { AssignableMember, AssignmentInput, Assignor, MemberAssignments } from './assignor.js'
import { emptyAssignments, give } from './common.js'
import { type Claim, problemOf, type StickyProblem } from './sticky/claims.js'
import { assignGeneral } from './sticky/general.js'
import { assignUniform, type StickyResult } from './sticky/uniform.js'

/**
 * As even as possible, and of all even assignments the one that moves least. Members give everything up before they join
 * and tell in their user data what they had.
 */
export const stickyAssignor: Assignor = {
  name: 'sticky',
  protocols: ['eager'],
  assign: (input) => assignmentsOf(input, solve(problemOf(input, rememberedBy))),
  userData: (partitions, generation) => encodeStickyUserData({ partitions, generation }),
}

/**
 * The same for members that keep their partitions while they join (KIP-429): what somebody still holds is given to nobody
 * else in this round. Its holder revokes it and joins again, then it is free.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  protocols: ['eager', 'cooperative'],
  assign: assignCooperatively,
  userData: (_partitions, generation) => encodeCooperativeUserData(generation),
}

function assignCooperatively(input: AssignmentInput): MemberAssignments {
  const problem = problemOf(input, heldBy)
  const { assigned, transferring } = solve(problem)
  const given = new Map(
    Array.from(assigned, ([memberId, partitions]) => [memberId, partitions.filter((one) => !transferring.has(one))]),
  )
  return assignmentsOf(input, { assigned: given, transferring })
}

function solve(problem: StickyProblem): StickyResult {
  if (problem.members.length === 0) return { assigned: new Map(), transferring: new Set() }
  const [first, ...others] = problem.members
  const uniform = others.every(
    ({ topics }) => topics.size === first.topics.size && [...topics].every((t) => first.topics.has(t)),
  )
  return uniform ? assignUniform(problem) : assignGeneral(problem)
}

function rememberedBy({ userData }: AssignableMember): Claim {
  const { partitions, generation } = decodeStickyUserData(userData)
  return { partitions, generation: generation ?? -1 }
}

/** The generation stands in the subscription from version 2 on, before in the user data. */
function heldBy({ ownedPartitions, generationId, userData }: AssignableMember): Claim {
  return {
    partitions: ownedPartitions,
    generation: generationId >= 0 ? generationId : decodeCooperativeUserData(userData),
  }
}

function assignmentsOf({ members }: AssignmentInput, { assigned }: StickyResult): MemberAssignments {
  const assignments = emptyAssignments(members)
  for (const [memberId, partitions] of assigned) {
    const sorted = [...partitions].sort((a, b) => a.number - b.number)
    for (const { topic, number } of sorted) give(assignments, memberId, topic, number)
  }
  return assignments
}
