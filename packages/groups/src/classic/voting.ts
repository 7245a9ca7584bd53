import type { Group, Member, Protocol } from '../group.js'
import { noBytes } from '../refusals.js'
import { subscribedTopics } from '../subscription.js'

/** Whether somebody with these protocols may be in the group (specification 2.6). */
export function isCompatible(group: Group, protocolType: string, protocols: readonly Protocol[]): boolean {
  if (group.state === 'Empty') return protocolType !== '' && protocols.length > 0
  if (protocolType !== group.protocolType) return false
  return protocols.some(({ name }) => isCommon(group, name))
}

/** How many members put which protocol first, of those that all members list; in the order of the first vote. */
export function countVotes(group: Group): ReadonlyMap<string, number> {
  const votes = new Map<string, number>()
  for (const { protocols } of group.members.values()) {
    const choice = protocols.find(({ name }) => isCommon(group, name))
    if (choice) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1)
  }
  return votes
}

/**
 * The protocol of the next generation: of those that all members list, the one most members put first.
 * Ties go to the protocol that got its first vote first, in the order the members came.
 */
export function electProtocol(group: Group, votes: ReadonlyMap<string, number> = countVotes(group)): string | null {
  let elected: string | null = null
  let most = 0
  for (const [name, count] of votes) {
    if (count <= most) continue
    elected = name
    most = count
  }
  return elected
}

/** The metadata of a member for a protocol; empty if it does not list it. */
export function metadataOf(member: Pick<Member, 'protocols'>, protocolName: string | null): Buffer {
  return member.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes
}

/** The same list of names and bytes, in the same order. */
export function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return a.length === b.length && a.every((p, i) => p.name === b[i].name && p.metadata.equals(b[i].metadata))
}

/** The topics all members of a `consumer` group subscribe to; null if one of the subscriptions cannot be read. */
export function topicsOfGroup(group: Group): ReadonlySet<string> | null {
  if (group.protocolType !== 'consumer') return null
  const topics = new Set<string>()
  for (const member of group.members.values()) {
    const subscription = subscribedTopics(metadataOf(member, group.protocolName))
    if (subscription === null) return null
    for (const topic of subscription) topics.add(topic)
  }
  return topics
}

/** Whether all members list it; where all have left during the initial wait, they do. */
export function isCommon(group: Group, name: string): boolean {
  return (group.supportedProtocols.get(name) ?? 0) === group.members.size
}
