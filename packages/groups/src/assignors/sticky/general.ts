import { type Claimant, comparePartitions, isFar, type Partition, type StickyProblem } from './claims.js'
import { Movements } from './movements.js'
import type { StickyResult } from './uniform.js'

/** Subscriptions differ (specification 6.3): keep valid claims, give free partitions to the least loaded, then even out. */
export function assignGeneral(problem: StickyProblem): StickyResult {
  const balance = new Balance(problem)
  const mustRevoke = balance.keepOwned()
  const initial = balance.isEmpty
  const given = balance.giveFree()
  balance.freeze()
  const before = balance.snapshot()
  if (!mustRevoke) balance.evenOut(given)
  const moved = balance.evenOut(balance.inOrder)
  if (moved && !initial && balance.score() >= scoreOf(before)) balance.restore(before)
  const assigned = balance.result()
  return { assigned, transferring: transferringOf(problem, assigned) }
}

class Balance {
  /** Partitions of topics with few possible owners first. */
  readonly inOrder: readonly Partition[]
  private readonly owner = new Map<Partition, Claimant>()
  private readonly held = new Map<Claimant, Set<Partition>>()
  private readonly possible = new Map<string, Claimant[]>()
  private readonly movements = new Movements<Claimant>()
  /** Members that evening out may touch. */
  private active: readonly Claimant[]

  constructor(private readonly problem: StickyProblem) {
    const { members, partitions } = problem
    this.active = members
    for (const member of members) this.held.set(member, new Set())
    for (const { topic } of partitions) {
      if (!this.possible.has(topic))
        this.possible.set(
          topic,
          members.filter(({ topics }) => topics.has(topic)),
        )
    }
    const ownersOf = ({ topic }: Partition) => this.possible.get(topic)?.length ?? 0
    this.inOrder = [...partitions].sort((a, b) => ownersOf(a) - ownersOf(b) || comparePartitions(a, b))
  }

  get isEmpty(): boolean {
    return this.owner.size === 0
  }

  /** True if somebody must give something up: a topic it does not subscribe to any more, or one on another rack. */
  keepOwned(): boolean {
    let mustRevoke = false
    for (const member of this.problem.members) {
      for (const partition of member.owned) {
        const misplaced = this.problem.racksMatter && isFar(member, partition)
        if (member.topics.has(partition.topic) && !misplaced) this.give(member, partition)
        else mustRevoke = true
      }
    }
    return mustRevoke
  }

  /** Gives every free partition to the least loaded member that may have it; those on another rack are asked last. */
  giveFree(): Partition[] {
    const free = this.inOrder.filter((partition) => !this.owner.has(partition))
    if (this.problem.racksMatter) {
      for (const partition of free) {
        const member = this.leastLoaded(partition, (candidate) => !isFar(candidate, partition))
        if (member) this.give(member, partition)
      }
    }
    for (const partition of free) {
      if (this.owner.has(partition)) continue
      const member = this.leastLoaded(partition)
      if (member) this.give(member, partition)
    }
    return free
  }

  /** Members that hold all they may, of topics nobody else may have, are left alone. */
  freeze(): void {
    this.active = this.problem.members.filter((member) => {
      const held = this.held.get(member) ?? new Set()
      return held.size < this.mostOf(member) || [...held].some((partition) => this.canMove(partition))
    })
  }

  /**
   * Moves partitions to members with at least two fewer until there are none to move. True if something moved.
   * Each move makes the counts more even, so it comes to an end.
   */
  evenOut(candidates: readonly Partition[]): boolean {
    const movable = candidates.filter((partition) => this.canMove(partition))
    let movedAny = false
    for (let moved = true; moved; ) {
      moved = false
      for (const partition of movable) if (this.improve(partition)) moved = movedAny = true
    }
    return movedAny
  }

  snapshot(): Map<Claimant, Set<Partition>> {
    return new Map(this.active.map((member) => [member, new Set(this.held.get(member))]))
  }

  restore(before: ReadonlyMap<Claimant, ReadonlySet<Partition>>): void {
    for (const [member, partitions] of before) {
      this.held.set(member, new Set(partitions))
      for (const partition of partitions) this.owner.set(partition, member)
    }
  }

  score(): number {
    return scoreOf(this.snapshot())
  }

  result(): Map<string, Partition[]> {
    return new Map(this.problem.members.map((member) => [member.memberId, [...(this.held.get(member) ?? [])]]))
  }

  private improve(partition: Partition): boolean {
    const owner = this.owner.get(partition)
    const taker = owner && this.betterOwner(partition, owner)
    if (!taker) return false
    this.move(partition, { from: owner, to: taker })
    return true
  }

  /** Who had it before, if that member is smaller by two or more; else the least loaded, on a rack of the partition if it can be. */
  private betterOwner(partition: Partition, owner: Claimant): Claimant | undefined {
    const isSmaller = (member: Claimant | undefined) => member && this.countOf(owner) > this.countOf(member) + 1
    const previousId = this.problem.previousOwner.get(partition)
    const previous = previousId === undefined ? undefined : this.active.find(({ memberId }) => memberId === previousId)
    if (previous?.topics.has(partition.topic) && isSmaller(previous)) return previous
    if (this.problem.racksMatter && !isFar(owner, partition)) {
      const near = this.leastLoaded(partition, (candidate) => !isFar(candidate, partition))
      if (isSmaller(near)) return near
    }
    const least = this.leastLoaded(partition)
    return isSmaller(least) ? least : undefined
  }

  /** Moves the partition, or one of its topic that came the opposite way before: nothing is swapped for nothing. */
  private move(wanted: Partition, { from, to }: { from: Claimant; to: Claimant }): void {
    const instead = this.movements.instead(wanted, { from, to })
    const partition = this.owner.get(instead) === from ? instead : wanted
    this.movements.record(partition, { from, to })
    this.held.get(from)?.delete(partition)
    this.give(to, partition)
  }

  private give(member: Claimant, partition: Partition): void {
    this.held.get(member)?.add(partition)
    this.owner.set(partition, member)
  }

  private leastLoaded(partition: Partition, mayTake: (member: Claimant) => boolean = () => true): Claimant | undefined {
    let least: Claimant | undefined
    for (const member of this.active) {
      if (!member.topics.has(partition.topic) || !mayTake(member)) continue
      if (!least || this.countOf(member) < this.countOf(least)) least = member
    }
    return least
  }

  private canMove({ topic }: Partition): boolean {
    return (this.possible.get(topic)?.length ?? 0) > 1
  }

  private mostOf({ topics }: Claimant): number {
    return this.problem.partitions.filter(({ topic }) => topics.has(topic)).length
  }

  private countOf(member: Claimant): number {
    return this.held.get(member)?.size ?? 0
  }
}

/** The sum of the differences between the counts of all pairs of members: 0 is even. */
function scoreOf(held: ReadonlyMap<Claimant, ReadonlySet<Partition>>): number {
  const counts = Array.from(held.values(), ({ size }) => size)
  let score = 0
  for (const [i, count] of counts.entries()) for (const other of counts.slice(i + 1)) score += Math.abs(count - other)
  return score
}

/** What somebody gets that did not have it, while somebody else claims it that gets it no more. */
function transferringOf(
  { members }: StickyProblem,
  assigned: ReadonlyMap<string, readonly Partition[]>,
): ReadonlySet<Partition> {
  const added = new Set<Partition>()
  const revoked = new Set<Partition>()
  for (const { memberId, claimed } of members) {
    const gets = new Set(assigned.get(memberId))
    for (const partition of gets) if (!claimed.has(partition)) added.add(partition)
    for (const partition of claimed) if (!gets.has(partition)) revoked.add(partition)
  }
  return new Set([...added].filter((partition) => revoked.has(partition)))
}
