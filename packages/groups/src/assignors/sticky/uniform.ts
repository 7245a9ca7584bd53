import { compareText } from '../common.js'
import { type Claimant, comparePartitions, isFar, isNear, type Partition, type StickyProblem } from './claims.js'

/** Who gets what, and which partitions change hands (their new owner must wait until the old one gave them up). */
export interface StickyResult {
  readonly assigned: ReadonlyMap<string, readonly Partition[]>
  readonly transferring: ReadonlySet<Partition>
}

/** All members subscribe to the same topics (specification 6.3): each keeps what it owns up to its share. */
export function assignUniform(problem: StickyProblem): StickyResult {
  const shares = new Shares(problem)
  for (const member of problem.members) shares.keepOwned(member)
  if (problem.racksMatter) shares.dealByRack()
  shares.deal()
  return shares.result()
}

class Shares {
  private readonly assigned = new Map<string, Partition[]>()
  private readonly transferring = new Set<Partition>()
  private readonly released = new Map<Partition, string>()
  private readonly min: number
  private readonly max: number
  /** How many more members may have `max` partitions. */
  private room: number
  /** Members below `min`, and those at `min` that may get one more. Kept in the order they are served. */
  private under: Claimant[] = []
  private exact: Claimant[] = []

  constructor(private readonly problem: StickyProblem) {
    const { partitions, members } = problem
    this.min = Math.floor(partitions.length / members.length)
    this.max = Math.ceil(partitions.length / members.length)
    this.room = partitions.length % members.length
  }

  /** Members come in order of their ids, which decides who keeps one partition more. */
  keepOwned(member: Claimant): void {
    const { racksMatter } = this.problem
    const owned = [...member.owned].sort((a, b) => a.number - b.number || compareText(a.topic, b.topic))
    const keepable = racksMatter ? owned.filter((partition) => !isFar(member, partition)) : owned
    let kept = Math.min(keepable.length, this.min)
    if (keepable.length < this.min) this.under.push(member)
    else if (keepable.length >= this.max && this.room > 0) {
      kept = this.max
      if (--this.room === 0) this.exact = []
    } else if (this.room > 0) this.exact.push(member)
    const keeps = keepable.slice(0, kept)
    this.assigned.set(member.memberId, keeps)
    const isKept = new Set(keeps)
    for (const partition of owned) if (!isKept.has(partition)) this.released.set(partition, member.memberId)
  }

  /** Free partitions go to members on a rack of theirs first. */
  dealByRack(): void {
    let next = 0
    for (const partition of this.free()) {
      const index = nextMatch(this.under, partition, next)
      if (index >= 0) {
        const member = this.under[index]
        this.give(member, partition)
        if (this.countOf(member) >= this.min) {
          this.under.splice(index, 1)
          if (this.room > 0) this.exact.push(member)
          next = index
        } else next = index + 1
        continue
      }
      const extra = nextMatch(this.exact, partition, 0)
      if (extra >= 0) this.giveExtra(extra, partition)
    }
  }

  /** What is still free goes round among members below their share, then one more to each of those at it. */
  deal(): void {
    let next = 0
    for (const partition of this.free()) {
      if (this.under.length === 0) {
        this.giveExtra(0, partition)
        continue
      }
      if (next >= this.under.length) next = 0
      const member = this.under[next]
      this.give(member, partition)
      if (this.countOf(member) < this.min) next++
      else {
        this.under.splice(next, 1)
        if (this.room > 0) this.exact.push(member)
      }
    }
  }

  result(): StickyResult {
    return { assigned: this.assigned, transferring: this.transferring }
  }

  /** By topic and number; where racks matter, those with the fewest members near them before others. */
  private free(): Partition[] {
    const taken = new Set([...this.assigned.values()].flat())
    const free = this.problem.partitions.filter((partition) => !taken.has(partition)).sort(comparePartitions)
    if (!this.problem.racksMatter) return free
    const near = (partition: Partition) => this.problem.members.filter((member) => isNear(member, partition)).length
    const counted = free.map((partition) => ({ partition, count: near(partition) }))
    return counted.sort((a, b) => a.count - b.count).map(({ partition }) => partition)
  }

  private giveExtra(index: number, partition: Partition): void {
    const [member] = this.exact.splice(index, 1)
    this.give(member, partition)
    if (--this.room === 0) this.exact = []
  }

  private give({ memberId }: Claimant, partition: Partition): void {
    this.assigned.get(memberId)?.push(partition)
    const releasedBy = this.released.get(partition)
    const moves = releasedBy !== undefined && releasedBy !== memberId
    if (moves || this.problem.disputed.has(partition)) this.transferring.add(partition)
  }

  private countOf({ memberId }: Claimant): number {
    return this.assigned.get(memberId)?.length ?? 0
  }
}

function nextMatch(members: readonly Claimant[], partition: Partition, from: number): number {
  for (let i = 0; i < members.length; i++) {
    const index = (from + i) % members.length
    if (isNear(members[index], partition)) return index
  }
  return -1
}
