import type { AssignableMember, AssignmentInput, Assignor, MemberAssignments } from './assignor.js'
import { emptyAssignments, give, membersInOrder, sortedTopics } from './common.js'

/** Deals all partitions of all topics out in turn, skipping members that do not subscribe to a topic. */
export const roundRobinAssignor: Assignor = { name: 'roundrobin', protocols: ['eager'], assign }

function assign({ topics, members }: AssignmentInput): MemberAssignments {
  const assignments = emptyAssignments(members)
  const ordered = membersInOrder(members).map((member) => ({ member, topics: new Set(member.topics) }))
  let turn = 0
  for (const topic of sortedTopics(members, topics)) {
    const count = topics.get(topic)?.partitions ?? 0
    for (let partition = 0; partition < count; partition++) {
      while (!ordered[turn].topics.has(topic)) turn = (turn + 1) % ordered.length
      give(assignments, memberOf(ordered[turn]), topic, partition)
      turn = (turn + 1) % ordered.length
    }
  }
  return assignments
}

function memberOf({ member }: { member: AssignableMember }): string {
  return member.memberId
}
