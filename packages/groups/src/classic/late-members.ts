import type { Member } from '../group.js'
import type { LateMember, RebalanceCause } from '../rebalance-note.js'
import { storyMember, type Turn } from '../turn.js'

const mostNamed = 5

/**
 * The slowest to join, slowest first, and static members that did not come and stay all the same. A group that was empty
 * waits for more members by its settings and not for one of them.
 */
export function lateJoiners({ group, now }: Turn): LateMember[] {
  const phase = group.joinPhase
  if (phase?.kind !== 'rejoin') return []
  const slowest: { member: Member; waitedMs: number }[] = []
  for (const member of group.members.values()) {
    const waitedMs = (member.parkedJoin?.since ?? now.monotonic) - phase.since
    const last = slowest.at(-1)
    if (waitedMs <= 0 || (last && slowest.length === mostNamed && waitedMs <= last.waitedMs)) continue
    if (slowest.length === mostNamed) slowest.pop()
    slowest.push({ member, waitedMs })
    slowest.sort((a, b) => b.waitedMs - a.waitedMs)
  }
  return slowest.map(({ member, waitedMs }) => ({
    ...storyMember(member),
    phase: 'join' as const,
    waitedMs: Math.round(waitedMs),
    removed: false,
  }))
}

/** A member that was removed as one the others waited for. In Stable they do so for its SyncGroup alone. */
export function givenUp({ group, now }: Turn, member: Member, cause: RebalanceCause): LateMember[] {
  const isJoin = group.state === 'PreparingRebalance'
  if (group.state === 'Stable' && cause !== 'member did not sync') return []
  const since = isJoin ? (group.joinPhase?.since ?? now.monotonic) : group.formedAt
  const waitedMs = Math.max(0, Math.round(now.monotonic - since))
  return [{ ...storyMember(member), phase: isJoin ? 'join' : 'sync', waitedMs, removed: true }]
}
