import type { GroupFact, MemberFact } from './facts/any-broker-facts.js'
import { listed } from './words.js'

type Named = Pick<MemberFact, 'groupInstanceId' | 'memberId'>

/** As an operator knows a member. */
export function memberName({ groupInstanceId, memberId }: Named): string {
  return groupInstanceId ?? memberId
}

export function memberNames(members: readonly Named[]): string {
  return listed(members.map(memberName))
}

/** Whether it says what members subscribe to and own. */
export function isReadable({ state, protocolType }: GroupFact): boolean {
  return state === 'Stable' && protocolType === 'consumer'
}

/** Members that subscribe to the same topics, together. */
export function bySubscription(members: readonly MemberFact[]): [topics: readonly string[], members: MemberFact[]][] {
  const sets = new Map<string, [topics: readonly string[], members: MemberFact[]]>()
  for (const member of members) {
    const topics = [...member.topics].sort()
    const key = JSON.stringify(topics)
    const found = sets.get(key)
    if (found) found[1].push(member)
    else sets.set(key, [topics, [member]])
  }
  return [...sets.values()]
}
