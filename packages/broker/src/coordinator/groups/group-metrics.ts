// Hot path: a commit passes here; plain fields, one look-up in a WeakMap.
import type { Decision, Group, GroupShard, Now, SnapshotMode } from '@rivven/groups'
import { Buckets } from '../../buckets.js'
import type { GroupObserver } from './group-observer.js'

/** Upper bounds in seconds. Few, since each is a series of each group. */
export const commitBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const rebalanceBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** What is counted of one group since this process knows it. */
export interface GroupCounts {
  /** Join phases that began. */
  rebalances: number
  /** How long members were without an assignment: from the first join phase since it was settled until it is again. */
  readonly rebalanceSeconds: Buckets
  /** From the request to the durable answer, of commits that were stored in part at least. Null before the first. */
  commitSeconds: Buckets | null
  /** Commits of offsets that were refused, by error code; a request counts once for each error in its answer. Null before the first. */
  refusedCommits: Map<number, number> | null
  /** Changes of offsets by others than members, by their way. Null before the first. */
  resets: Map<SnapshotMode, number> | null
  /** Monotonic time at which the join phase began; null while there is none. */
  unsettledSince: number | null
}

/**
 * Counts what happens to groups. The counts hang on the group itself: they go when it goes, and when its shard is loaded
 * anew they begin again (as those of a process that was started again).
 */
export class GroupMetrics implements GroupObserver {
  readonly #counts = new WeakMap<Group, GroupCounts>()

  of(group: Group): GroupCounts | undefined {
    return this.#counts.get(group)
  }

  decided({ notes = [] }: Decision, shard: GroupShard, now: Now): void {
    for (const { groupId, kind, facts } of notes) {
      const group = shard.groups.get(groupId)
      if (!group) continue
      if (kind === 'started') this.#started(group, now.monotonic)
      else if (kind === 'stable') this.#settled(group, now.monotonic)
      else if (kind === 'emptied') this.#countsOf(group).unsettledSince = null
      else if (kind === 'reset' && facts.how) this.#reset(group, facts.how)
    }
  }

  committed(group: Group, tookMs: number): void {
    const counts = this.#countsOf(group)
    counts.commitSeconds ??= new Buckets(commitBounds)
    counts.commitSeconds.add(tookMs / 1_000)
  }

  /** Errors of the answer to a commit. */
  refused(group: Group, errorCodes: Iterable<number>): void {
    const counts = this.#countsOf(group)
    counts.refusedCommits ??= new Map()
    for (const code of errorCodes) counts.refusedCommits.set(code, (counts.refusedCommits.get(code) ?? 0) + 1)
  }

  #started(group: Group, now: number): void {
    const counts = this.#countsOf(group)
    counts.rebalances += 1
    counts.unsettledSince ??= now
  }

  #reset(group: Group, how: SnapshotMode): void {
    const counts = this.#countsOf(group)
    counts.resets ??= new Map()
    counts.resets.set(how, (counts.resets.get(how) ?? 0) + 1)
  }

  #settled(group: Group, now: number): void {
    const counts = this.#countsOf(group)
    if (counts.unsettledSince === null) return
    counts.rebalanceSeconds.add((now - counts.unsettledSince) / 1_000)
    counts.unsettledSince = null
  }

  #countsOf(group: Group): GroupCounts {
    let counts = this.#counts.get(group)
    if (!counts) {
      counts = {
        rebalances: 0,
        rebalanceSeconds: new Buckets(rebalanceBounds),
        commitSeconds: null,
        refusedCommits: null,
        resets: null,
        unsettledSince: null,
      }
      this.#counts.set(group, counts)
    }
    return counts
  }
}
