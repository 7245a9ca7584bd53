import type { Now } from '../decision.js'
import type { Group, Member } from '../group.js'
import type { StoryMember } from '../rebalance-note.js'
import { storyMember } from '../turn.js'

/** A member that holds up a rebalance. */
export interface AwaitedMember extends StoryMember {
  /** When it was last heard of, wall milliseconds. Null: not since its id was handed out. */
  readonly lastHeardAt: number | null
  /** When it is given up if it does not come, wall milliseconds. */
  readonly until: number
}

/** What a group waits for in the middle of a rebalance. A JSON value: a record of `__rivven_rebalances` between stories. */
export interface GroupWait {
  readonly kind: 'waiting'
  readonly groupId: string
  /** When this was so, and since when the group waits; wall milliseconds. */
  readonly at: number
  readonly since: number
  /** gather: it was empty, and waits for more members. join: for JoinGroups. sync: for the assignment of its leader. */
  readonly phase: 'gather' | 'join' | 'sync'
  /** Those that are given up last come first, and not all of many. */
  readonly awaited: readonly AwaitedMember[]
  readonly awaitedCount: number
}

const mostNamed = 5

/** Null: the group waits for nobody. One that was empty waits for nobody in particular: that is a note without names. */
export function waitOf(group: Group, now: Now): GroupWait | null {
  const phase = phaseOf(group)
  const all = phase === 'sync' ? awaitedLeader(group, now) : phase === 'join' ? awaitedJoiners(group, now) : []
  if (phase === null || (phase !== 'gather' && all.length === 0)) return null
  const since = phase === 'sync' ? group.formedAt : (group.joinPhase?.since ?? now.monotonic)
  return {
    kind: 'waiting',
    groupId: group.groupId,
    at: now.wall,
    since: wallOf(since, now),
    phase,
    awaited: all.sort((a, b) => b.until - a.until).slice(0, mostNamed),
    awaitedCount: all.length,
  }
}

function phaseOf({ state, joinPhase }: Group): GroupWait['phase'] | null {
  if (state === 'CompletingRebalance') return 'sync'
  if (state !== 'PreparingRebalance' || !joinPhase) return null
  return joinPhase.kind === 'initial' ? 'gather' : 'join'
}

function awaitedJoiners(group: Group, now: Now): AwaitedMember[] {
  const phase = group.joinPhase
  if (!phase) return []
  const late = [...group.members.values()].filter(({ parkedJoin }) => parkedJoin === null)
  return [
    ...late.map((member) => awaited(member, phase.deadline, now)),
    ...[...group.pendingJoin].map(([memberId, deadline]) => ({
      memberId,
      groupInstanceId: null,
      clientId: '',
      clientHost: '',
      lastHeardAt: null,
      until: wallOf(Math.min(deadline, phase.deadline), now),
    })),
  ]
}

function awaitedLeader(group: Group, now: Now): AwaitedMember[] {
  const leader = group.leaderId === null ? undefined : group.members.get(group.leaderId)
  return leader && leader.parkedSync === null ? [awaited(leader, group.pendingSyncDeadline, now)] : []
}

/** A session is renewed by whatever is heard, so its end tells when that was. */
function awaited(member: Member, phaseDeadline: number, now: Now): AwaitedMember {
  const { deadline, sessionTimeoutMs, isNew } = member
  const isKnown = !isNew && deadline !== Number.POSITIVE_INFINITY
  return {
    ...storyMember(member),
    lastHeardAt: isKnown ? wallOf(deadline - sessionTimeoutMs, now) : null,
    until: wallOf(Math.min(deadline, phaseDeadline), now),
  }
}

function wallOf(monotonic: number, now: Now): number {
  return Math.round(now.wall + monotonic - now.monotonic)
}
