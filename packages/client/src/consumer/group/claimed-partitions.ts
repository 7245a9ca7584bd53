import type { AssignableMember, MemberAssignments } from '@rivven/groups'

/** Who holds a partition, by topic and partition: of two who say so the one of the newer generation, of one both or none. */
export type Claims = ReadonlyMap<string, ReadonlyMap<number, Claim>>

interface Claim {
  readonly memberId: string
  readonly generationId: number
}

/** What members keep while they join (KIP-429). Members of an eager group claim nothing. */
export function claimsOf(members: readonly AssignableMember[]): Claims {
  const claims = new Map<string, Map<number, Claim>>()
  for (const { memberId, ownedPartitions, generationId } of members) {
    for (const { topic, partitions } of ownedPartitions) {
      const ofTopic = claims.get(topic) ?? new Map<number, Claim>()
      claims.set(topic, ofTopic)
      for (const partition of partitions) {
        ofTopic.set(partition, newer(ofTopic.get(partition), { memberId, generationId }))
      }
    }
  }
  return claims
}

/** Two of one generation cannot both be right: the partition is given to neither in this round (classic-groups §5.6). */
function newer(known: Claim | undefined, claim: Claim): Claim {
  if (!known || known.generationId < claim.generationId) return claim
  return known.generationId === claim.generationId ? { ...claim, memberId: '' } : known
}

/**
 * An assignment without the partitions that somebody else still holds: whoever holds them gives them up and joins again,
 * then they are free. Cooperative assignors see to it themselves; range and round robin know of no claims, and are elected
 * for members that hold partitions when the first eager member comes into a cooperative group.
 */
export function withoutClaimed(assigned: MemberAssignments, claims: Claims): MemberAssignments {
  if (claims.size === 0) return assigned
  const kept: MemberAssignments = new Map()
  for (const [memberId, topics] of assigned) {
    const ofMember = new Map<string, number[]>()
    kept.set(memberId, ofMember)
    for (const [topic, partitions] of topics) {
      const isFree = (partition: number) => (claims.get(topic)?.get(partition)?.memberId ?? memberId) === memberId
      ofMember.set(topic, partitions.filter(isFree))
    }
  }
  return kept
}
