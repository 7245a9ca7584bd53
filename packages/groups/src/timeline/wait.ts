import { disconnectedSince } from '../classic/disconnected.js'
import { lastOf } from '../classic/last-of-member.js'
import type { Now } from '../decision.js'
import type { Group, Member } from '../group.js'
import type { StoryMember } from '../rebalance-note.js'
import { storyMember } from '../turn.js'

/** A member that holds up a rebalance. */
export interface AwaitedMember extends StoryMember {
  /** When it was last heard of, wall milliseconds. Null: not since its id was handed out. */
  readonly lastHeardAt: number | null
  /** When its connection ended without LeaveGroup, wall milliseconds. Null: it has one, or none is known. */
  readonly disconnectedAt: number | null
  /** When it is given up if it does not come, wall milliseconds. */
  readonly until: number
}

/** What a group waits for in the middle of a rebalance, or the members whose end it has not noticed yet. A JSON value: a record of `__rivven_rebalances` between stories. */
export interface GroupWait {
  readonly kind: 'waiting'
  readonly groupId: string
  /** When this was so, and since when the group waits; wall milliseconds. */
  readonly at: number
  readonly since: number
  /**
   * gather: it was empty, and waits for more members. join: for JoinGroups. sync: for the assignment of its leader. session: it
   * does not rebalance, but members have lost their connections and keep their partitions until their sessions end; with
   * nobody awaited, they are back or gone.
   */
  readonly phase: 'gather' | 'join' | 'sync' | 'session'
  /** Those that are given up last come first, and not all of many. */
  readonly awaited: readonly AwaitedMember[]
  readonly awaitedCount: number
}

const mostNamed = 5

/** Null: the group waits for nobody. One that was empty waits for nobody in particular: that is a note without names. */
export function waitOf(group: Group, now: Now): GroupWait | null {
  const phase = phaseOf(group)
  const all = phase === null ? [] : awaitedIn[phase](group, now)
  if (phase === null || (phase !== 'gather' && all.length === 0)) return null
  return {
    kind: 'waiting',
    groupId: group.groupId,
    at: now.wall,
    since: wallOf(sinceWhen(group, phase, now), now),
    phase,
    awaited: all.sort((a, b) => b.until - a.until).slice(0, mostNamed),
    awaitedCount: all.length,
  }
}

const awaitedIn: Record<GroupWait['phase'], (group: Group, now: Now) => AwaitedMember[]> = {
  gather: () => [],
  join: awaitedJoiners,
  sync: awaitedLeader,
  session: (group, now) => disconnected(group).map((member) => awaited(member, Number.POSITIVE_INFINITY, now)),
}

function disconnected({ members }: Group): Member[] {
  return [...members.values()].filter((member) => disconnectedSince(member) !== null)
}

function sinceWhen(group: Group, phase: GroupWait['phase'], now: Now): number {
  if (phase === 'sync') return group.formedAt
  if (phase !== 'session') return group.joinPhase?.since ?? now.monotonic
  return Math.min(...disconnected(group).map((member) => disconnectedSince(member) ?? now.monotonic))
}

function phaseOf({ state, joinPhase }: Group): GroupWait['phase'] | null {
  if (state === 'Stable') return 'session'
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
      disconnectedAt: null,
      until: wallOf(Math.min(deadline, phase.deadline), now),
    })),
  ]
}

function awaitedLeader(group: Group, now: Now): AwaitedMember[] {
  const leader = group.leaderId === null ? undefined : group.members.get(group.leaderId)
  return leader && leader.parkedSync === null ? [awaited(leader, group.pendingSyncDeadline, now)] : []
}

function awaited(member: Member, phaseDeadline: number, now: Now): AwaitedMember {
  const { heardAt, disconnectedAt } = lastOf(member)
  return {
    ...storyMember(member),
    lastHeardAt: heardAt === null ? null : wallOf(heardAt, now),
    disconnectedAt: disconnectedAt === null ? null : wallOf(disconnectedAt, now),
    until: wallOf(Math.min(member.deadline, phaseDeadline), now),
  }
}

function wallOf(monotonic: number, now: Now): number {
  return Math.round(now.wall + monotonic - now.monotonic)
}
