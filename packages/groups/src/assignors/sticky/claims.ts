import type { TopicPartitions } from '../../subscription.js'
import type { AssignableMember, AssignmentInput } from '../assignor.js'
import { compareText, sortedTopics } from '../common.js'

/** A partition that is to be assigned; one object each, so that it can be a key. */
export interface Partition {
  readonly topic: string
  readonly number: number
  readonly racks: readonly string[] | null
}

/** A member with the partitions it may have. */
export interface Claimant {
  readonly memberId: string
  readonly rackId: string | null
  readonly topics: ReadonlySet<string>
  /** Its valid claims: nobody claims them with the same or a newer generation. */
  readonly owned: readonly Partition[]
  /** Everything it says it owns. */
  readonly claimed: ReadonlySet<Partition>
}

export interface StickyProblem {
  /** All partitions of subscribed topics that exist, by topic and number. */
  readonly partitions: readonly Partition[]
  /** In order of member id. */
  readonly members: readonly Claimant[]
  /** Claimed by several members of the newest generation that claims them: nobody's, and not to be given at once. */
  readonly disputed: ReadonlySet<Partition>
  /** Who claimed a partition with the next older generation than its owner. */
  readonly previousOwner: ReadonlyMap<Partition, string>
  readonly racksMatter: boolean
}

/** What a member says it owns, and since which generation (-1: unknown). */
export interface Claim {
  readonly partitions: readonly TopicPartitions[]
  readonly generation: number
}

interface Claimed {
  readonly memberId: string
  readonly generation: number
}

/** Works out who owns what (specification 5.6): of several claims to a partition the one of the newest generation holds. */
export function problemOf(input: AssignmentInput, claimOf: (member: AssignableMember) => Claim): StickyProblem {
  const members = [...input.members].sort((a, b) => compareText(a.memberId, b.memberId))
  const byTopic = existingPartitions(input)
  const partitions = [...byTopic.values()].flat()
  const claims = new Map<Partition, Claimed[]>()
  const claimedBy = new Map(
    members.map((member) => [member.memberId, collectClaims(member, claimOf(member), { byTopic, claims })]),
  )
  const { ownedBy, disputed, previousOwner } = settleClaims(claims)
  const claimants = members.map(({ memberId, rackId, topics }) => ({
    memberId,
    rackId: rackId || null,
    topics: new Set(topics),
    owned: ownedBy.get(memberId) ?? [],
    claimed: claimedBy.get(memberId) ?? new Set<Partition>(),
  }))
  return { partitions, members: claimants, disputed, previousOwner, racksMatter: racksMatter(partitions, claimants) }
}

/** The member has a rack, and the partition a replica on it. */
export function isNear({ rackId }: Claimant, { racks }: Partition): boolean {
  return rackId !== null && (racks?.includes(rackId) ?? false)
}

/** The member has a rack, but the partition no replica there: it gives it up for one that has. */
export function isFar(member: Claimant, partition: Partition): boolean {
  return member.rackId !== null && !isNear(member, partition)
}

/** By topic, then number. */
export function comparePartitions(a: Partition, b: Partition): number {
  return compareText(a.topic, b.topic) || a.number - b.number
}

function existingPartitions({ topics, members }: AssignmentInput): Map<string, Partition[]> {
  return new Map(
    sortedTopics(members, topics).map((topic) => {
      const { partitions = 0, racks } = topics.get(topic) ?? {}
      return [
        topic,
        Array.from({ length: partitions }, (_, number) => ({ topic, number, racks: racks?.[number] ?? null })),
      ]
    }),
  )
}

function collectClaims(
  { memberId }: AssignableMember,
  { partitions, generation }: Claim,
  { byTopic, claims }: { byTopic: ReadonlyMap<string, Partition[]>; claims: Map<Partition, Claimed[]> },
): Set<Partition> {
  const claimed = new Set<Partition>()
  for (const { topic, partitions: numbers } of partitions) {
    for (const number of numbers) {
      const partition = byTopic.get(topic)?.[number]
      if (partition) claimed.add(partition)
    }
  }
  for (const partition of claimed) {
    const claimants = claims.get(partition)
    if (claimants) claimants.push({ memberId, generation })
    else claims.set(partition, [{ memberId, generation }])
  }
  return claimed
}

function settleClaims(claims: ReadonlyMap<Partition, Claimed[]>) {
  const ownedBy = new Map<string, Partition[]>()
  const disputed = new Set<Partition>()
  const previousOwner = new Map<Partition, string>()
  for (const [partition, claimants] of claims) {
    const [newest, next] = [...claimants].sort((a, b) => b.generation - a.generation)
    if (next?.generation === newest.generation) {
      disputed.add(partition)
      continue
    }
    if (next) previousOwner.set(partition, next.memberId)
    const owned = ownedBy.get(newest.memberId)
    if (owned) owned.push(partition)
    else ownedBy.set(newest.memberId, [partition])
  }
  return { ownedBy, disputed, previousOwner }
}

/** As for range, but over all topics at once. */
function racksMatter(partitions: readonly Partition[], members: readonly Claimant[]): boolean {
  const all = new Set(partitions.flatMap(({ racks }) => racks ?? []))
  if (!members.some(({ rackId }) => rackId !== null && all.has(rackId))) return false
  return !partitions.every(({ racks }) => new Set(racks).size === all.size)
}
