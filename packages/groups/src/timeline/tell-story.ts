import type { StoredGroup } from '../events.js'
import { assignedPartitions } from '../subscription.js'
import type { PartitionChanges, PartitionMove, RebalanceStory } from './story.js'
import type { EndedRebalance } from './timeline.js'

/** Topic -> partition -> who has it: an instance id of a static member, else a member id. */
type Owners = Map<string, Map<number, string>>

const mostMoves = 20
/** Larger assignments are not looked into. */
const mostBytesRead = 16_000_000

/** The whole story. Decodes the assignments of two generations, so it is not for the way of a request. */
export function tellStory({ story, before, after }: EndedRebalance): RebalanceStory {
  const owned = after && ownersIn(before)
  const given = after && ownersIn(after)
  if (!owned || !given) return { ...story, partitions: null }
  const cause = story.cause === 'leader rejoined' && hasGrown(owned, given) ? 'partitions added' : story.cause
  return { ...story, cause, partitions: changesBetween(owned, given) }
}

function changesBetween(owned: Owners, given: Owners): PartitionChanges {
  let kept = 0
  const moved = new Moves()
  const fresh = new Moves()
  for (const [topic, partitions] of given) {
    const owners = owned.get(topic)
    for (const [partition, to] of partitions) {
      const from = owners?.get(partition) ?? null
      if (from === to) kept++
      else (from === null ? fresh : moved).add({ topic, partition, from, to })
    }
  }
  const released = releasedBetween(owned, given)
  return {
    moved: moved.count,
    kept,
    assigned: moved.count + kept + fresh.count,
    released: released.count,
    moves: [...moved.some, ...fresh.some, ...released.some].slice(0, mostMoves),
  }
}

function releasedBetween(owned: Owners, given: Owners): Moves {
  const released = new Moves()
  for (const [topic, partitions] of owned) {
    const owners = given.get(topic)
    for (const [partition, from] of partitions) {
      if (!owners?.has(partition)) released.add({ topic, partition, from, to: null })
    }
  }
  return released
}

/** All of them counted, the first of them kept. */
class Moves {
  count = 0
  readonly some: PartitionMove[] = []

  add(move: PartitionMove): void {
    this.count++
    if (this.some.length < mostMoves) this.some.push(move)
  }
}

/** Null if one of the assignments cannot be read. */
function ownersIn(group: StoredGroup | null): Owners | null {
  const owners: Owners = new Map()
  if (!group || group.members.length === 0) return owners
  if (group.protocolType !== 'consumer' || countBytes(group) > mostBytesRead) return null
  for (const { memberId, groupInstanceId, assignment } of group.members) {
    if (!addAssignment(owners, assignment, groupInstanceId ?? memberId)) return null
  }
  return owners
}

/** False if it cannot be read. */
function addAssignment(owners: Owners, assignment: Buffer, owner: string): boolean {
  const assigned = assignedPartitions(assignment)
  for (const { topic, partitions } of assigned ?? []) {
    const ofTopic = owners.get(topic) ?? new Map<number, string>()
    owners.set(topic, ofTopic)
    for (const partition of partitions) ofTopic.set(partition, owner)
  }
  return assigned !== null
}

function countBytes({ members }: StoredGroup): number {
  let bytes = 0
  for (const { assignment } of members) bytes += assignment.length
  return bytes
}

/**
 * A leader that does not say why it joined again (before JoinGroup v8) has mostly seen new partitions: then the new
 * assignment has numbers above all that the topic had before.
 */
function hasGrown(owned: Owners, given: Owners): boolean {
  for (const [topic, partitions] of owned) {
    if (highest(given.get(topic)) > highest(partitions)) return true
  }
  return false
}

function highest(partitions: Map<number, string> | undefined): number {
  let highestPartition = -1
  for (const partition of partitions?.keys() ?? []) if (partition > highestPartition) highestPartition = partition
  return highestPartition
}
