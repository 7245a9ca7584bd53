import type { AssignableMember, AssignableTopic, MemberAssignments } from './assignor.js'

/** Order of Java's strings: by UTF-16 code units, which is what `<` compares. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Static members first, by instance id, then dynamic ones by member id: restarts do not move anything. */
export function membersInOrder(members: readonly AssignableMember[]): AssignableMember[] {
  return [...members].sort((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null)
      return compareText(a.groupInstanceId, b.groupInstanceId)
    if (a.groupInstanceId !== null) return -1
    if (b.groupInstanceId !== null) return 1
    return compareText(a.memberId, b.memberId)
  })
}

/** All topics that somebody subscribes to and that exist, sorted. */
export function sortedTopics(
  members: readonly AssignableMember[],
  topics: ReadonlyMap<string, AssignableTopic>,
): string[] {
  const subscribed = new Set(members.flatMap((member) => member.topics))
  return [...subscribed].filter((topic) => topics.has(topic)).sort(compareText)
}

export function emptyAssignments(members: readonly AssignableMember[]): MemberAssignments {
  return new Map(members.map(({ memberId }) => [memberId, new Map()]))
}

export function give(assignments: MemberAssignments, memberId: string, topic: string, partition: number): void {
  const assigned = assignments.get(memberId)
  if (!assigned) throw new Error(`an assignment for ${memberId}, which is not a member`)
  const partitions = assigned.get(topic)
  if (partitions) partitions.push(partition)
  else assigned.set(topic, [partition])
}
