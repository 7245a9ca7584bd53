import { type Exchange, type MemberLife, nameOf, type Seen, type Timed } from '../history/history.js'
import type { Inspection } from '../history/inspection.js'
import { foreignOffset, type MemberPlan, type Plan } from '../plan/plan.js'
import type { Check } from './check.js'
import type { OneOwner } from './groups/one-owner.js'

/**
 * What must be true of each group when everything has settled (invariants 2 and 19): it is stable, has the members that are
 * alive and no others, each partition belongs to one of them, and to the one who reads it; commits lie within the log, and
 * with auto-commit at its end.
 */
export class FinalState implements Check {
  readonly #members: readonly MemberPlan[]
  readonly #owners: OneOwner
  readonly #alive = new Map<string, MemberLife>()
  /** Commits that were never answered: one that was long on its way may undo a later one. */
  readonly #unanswered = new Set<Exchange>()

  constructor(plan: Plan, owners: OneOwner) {
    this.#members = plan.actors.filter((actor): actor is MemberPlan => actor.kind === 'member')
    this.#owners = owners
  }

  see(event: Timed<Seen>): void {
    if (event.kind === 'gone') this.#alive.delete(event.host)
    if (event.kind === 'polls') this.#alive.set(event.member.host, event.member)
    if (event.kind === 'request' && event.exchange.api.name === 'OffsetCommit') this.#unanswered.add(event.exchange)
    if (event.kind === 'answer') this.#unanswered.delete(event.exchange)
  }

  /** What is wrong; it may be on the way to being right. */
  problemsOf({ group, offsets }: Inspection): string[] {
    const { groupId } = group
    const ofGroup = this.#members.filter((member) => member.group === groupId)
    const problems = offsets
      .filter(({ committed, end }) => committed > end && committed !== foreignOffset)
      .map((at) => `${nameOf(at)} is committed by ${groupId} at ${at.committed}, and ends at ${at.end}`)
    if (!ofGroup.some(({ name }) => this.#alive.has(name))) return problems
    return [...problems, ...this.#membership(group, ofGroup), ...this.#lag({ group, offsets }, ofGroup)]
  }

  #membership({ groupId, state, members }: Inspection['group'], ofGroup: readonly MemberPlan[]): string[] {
    const expected = ofGroup.flatMap(({ name }) => this.#alive.get(name)?.memberId() ?? [])
    if (state !== 'Stable') return [`${groupId} is ${state}`]
    const problems: string[] = []
    const names = members.map(({ memberId }) => memberId).sort()
    if (names.join() !== expected.sort().join())
      problems.push(`${groupId} has the members ${names.join()}, alive are ${expected.join()}`)
    for (const { memberId, assignment } of members) {
      for (const partition of assignment) {
        const readers = this.#owners.liveOwners(groupId, partition).map((member) => member.memberId())
        if (readers.join() === memberId) continue
        problems.push(`${nameOf(partition)} belongs to ${memberId} in ${groupId} and is read by ${readers.join()}`)
      }
    }
    return problems
  }

  /** Members that commit by themselves come to the end, if nobody else commits in between. */
  #lag({ group, offsets }: Inspection, ofGroup: readonly MemberPlan[]): string[] {
    if (!ofGroup.every(({ name, commits }) => commits === 'auto' || !this.#alive.has(name))) return []
    return offsets
      .filter((at) => Math.max(0, at.committed) < at.end && !this.#mayBeLate(group.groupId, at))
      .map((at) => `${group.groupId} lags behind in ${nameOf(at)}: ${at.committed} of ${at.end}`)
  }

  #mayBeLate(groupId: string, { topic, partition, committed }: Inspection['offsets'][number]): boolean {
    return [...this.#unanswered].some(({ request }) => {
      if (request.groupId !== groupId) return false
      const asked = request.topics.find(({ name }: { name: string }) => name === topic)?.partitions ?? []
      return asked.some(
        (one: { partitionIndex: number; committedOffset: number }) =>
          one.partitionIndex === partition && one.committedOffset === committed,
      )
    })
  }
}
