import type { AssignableMember, AssignableTopic, AssignmentInput, Assignor, MemberAssignments } from './assignor.js'
import { emptyAssignments, give, membersInOrder, sortedTopics } from './common.js'

/**
 * Gives each subscriber of a topic consecutive partitions of it, the first ones one more where it does not come out even.
 * With racks (KIP-881) members first take partitions that have a replica on their rack, within the same shares.
 */
export const rangeAssignor: Assignor = { name: 'range', protocols: ['eager'], assign }

function assign({ topics, members }: AssignmentInput): MemberAssignments {
  const ordered = membersInOrder(members)
  const shares = sortedTopics(members, topics).flatMap((topic) => {
    const facts = topics.get(topic)
    return facts ? [new TopicShares(topic, facts, subscribersOf(topic, ordered))] : []
  })
  if (shares.some((topic) => topic.racksMatter)) matchRacks(shares)
  const assignments = emptyAssignments(members)
  for (const share of shares) {
    share.takeInOrder(() => true)
    share.copyTo(assignments)
  }
  return assignments
}

function subscribersOf(topic: string, members: readonly AssignableMember[]): AssignableMember[] {
  return members.filter((member) => member.topics.includes(topic))
}

/** First pass, with racks: topics that are alike are handed out together, so that their partitions of one number meet. */
function matchRacks(shares: readonly TopicShares[]): void {
  for (const alike of groupAlike(shares)) {
    if (alike.length > 1) takeTogether(alike)
    else if (alike[0].racksMatter) alike[0].takeInOrder((member, partition) => alike[0].matches(member, partition))
  }
}

/** Topics with the same subscribers and the same number of partitions. */
function groupAlike(shares: readonly TopicShares[]): TopicShares[][] {
  const groups = new Map<string, TopicShares[]>()
  for (const share of shares) {
    const likeness = JSON.stringify([share.partitions, share.subscribers.map(({ memberId }) => memberId)])
    const group = groups.get(likeness)
    if (group) group.push(share)
    else groups.set(likeness, [share])
  }
  return [...groups.values()]
}

function takeTogether(alike: readonly TopicShares[]): void {
  const [{ subscribers, partitions }] = alike
  for (let partition = 0; partition < partitions; partition++) {
    const taker = subscribers.find((member) =>
      alike.every((topic) => topic.matches(member, partition) && topic.roomOf(member) > 0),
    )
    if (taker) for (const topic of alike) topic.take(taker, partition)
  }
}

/** The partitions of one topic while they are handed out. */
class TopicShares {
  readonly partitions: number
  readonly racksMatter: boolean
  private readonly owners: (string | undefined)[]
  private readonly taken = new Map<string, number>()
  private readonly share: number
  private extra: number

  constructor(
    readonly topic: string,
    private readonly facts: AssignableTopic,
    readonly subscribers: readonly AssignableMember[],
  ) {
    this.partitions = facts.partitions
    this.owners = new Array(facts.partitions)
    this.share = Math.floor(facts.partitions / subscribers.length)
    this.extra = facts.partitions % subscribers.length
    this.racksMatter = racksMatter(facts, subscribers)
  }

  matches({ rackId }: AssignableMember, partition: number): boolean {
    return !rackId || (this.facts.racks?.[partition]?.includes(rackId) ?? false)
  }

  /** How many partitions a member may still take. */
  roomOf({ memberId }: AssignableMember): number {
    return Math.max(0, this.share + (this.extra > 0 ? 1 : 0) - (this.taken.get(memberId) ?? 0))
  }

  take({ memberId }: AssignableMember, partition: number): void {
    const count = (this.taken.get(memberId) ?? 0) + 1
    this.taken.set(memberId, count)
    if (count > this.share) this.extra--
    this.owners[partition] = memberId
  }

  /** Each subscriber in turn takes free partitions it may have, as many as it has room for. */
  takeInOrder(mayTake: (member: AssignableMember, partition: number) => boolean): void {
    for (const member of this.subscribers) {
      let room = this.roomOf(member)
      for (let partition = 0; partition < this.partitions && room > 0; partition++) {
        if (this.owners[partition] !== undefined || !mayTake(member, partition)) continue
        this.take(member, partition)
        room--
      }
    }
  }

  copyTo(assignments: MemberAssignments): void {
    this.owners.forEach((owner, partition) => {
      if (owner !== undefined) give(assignments, owner, this.topic, partition)
    })
  }
}

/** Racks count if a subscriber's rack has replicas, and not every partition has replicas on every rack. */
function racksMatter({ racks }: AssignableTopic, subscribers: readonly AssignableMember[]): boolean {
  if (!racks) return false
  const all = new Set(racks.flat())
  if (!subscribers.some(({ rackId }) => rackId && all.has(rackId))) return false
  return !racks.every((ofPartition) => sameSet(new Set(ofPartition), all))
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((element) => b.has(element))
}
