import { armDeadline, type Group, type InitialWait } from '../group.js'
import type { Turn } from '../turn.js'
import { rebalanceTimeout } from './members.js'

/** How long nobody may have come before a group that gathers has all: twice its longest pause so far, within these. */
const shortestQuietMs = 15
const longestQuietMs = 50

/** An empty group begins to wait for more members (specification 1.6). */
export function beginInitialWait({ group, now, shard }: Turn): void {
  const delay = shard.config.initialRebalanceDelayMs
  const remaining = Math.max(rebalanceTimeout(group) - delay, 0)
  const since = now.monotonic
  const deadline = since + delay
  const newMemberAdded = false
  group.joinPhase = {
    kind: 'initial',
    since,
    deadline,
    delay,
    remaining,
    newMemberAdded,
    lastCame: since,
    longestPause: 0,
  }
  armDeadline(group, deadline)
}

/** One more member, while the group is in that wait. */
export function joinInitialWait(group: Group, monotonic: number): void {
  const phase = group.joinPhase
  if (group.state !== 'PreparingRebalance' || phase?.kind !== 'initial') return
  phase.newMemberAdded = true
  phase.longestPause = Math.max(phase.longestPause, monotonic - phase.lastCame)
  phase.lastCame = monotonic
}

/** Its timer fired: waits on, or says that it is over. */
export function endsInitialWait(turn: Turn, phase: InitialWait): boolean {
  const delay = furtherWait(turn, phase)
  if (delay === 0) return true
  phase.newMemberAdded = false
  phase.remaining = Math.max(phase.remaining - phase.delay, 0)
  phase.delay = delay
  phase.deadline = turn.now.monotonic + delay
  armDeadline(turn.group, phase.deadline)
  return false
}

/**
 * By its settings (specification 1.6). Where these ask for no wait, members that start together begin in one generation all
 * the same. (Kafka forms a generation with whoever was quickest, and the rest waits until these have heartbeated.)
 */
function furtherWait(turn: Turn, phase: InitialWait): number {
  const { group, now, shard } = turn
  const bySettings = Math.min(shard.config.initialRebalanceDelayMs, phase.remaining)
  if (phase.newMemberAdded && bySettings > 0) return bySettings
  const mostMs = Math.min(shard.config.gatherMs, rebalanceTimeout(group))
  return Math.max(0, Math.min(gatherOn(turn, phase), phase.since + mostMs - now.monotonic))
}

/** One alone waits for nobody; nobody waits for longer than members that come together need. */
function gatherOn({ group, now, shard }: Turn, { lastCame, longestPause }: InitialWait): number {
  const lastAsked = shard.expected.lastAsked(group.groupId, now.monotonic)
  const isExpected = lastAsked !== undefined && now.monotonic - Math.max(lastAsked, lastCame) < longestQuietMs
  if (isExpected || group.pendingJoin.size > 0) return shortestQuietMs
  if (group.members.size === 1) return 0
  const quietMs = Math.min(longestQuietMs, Math.max(shortestQuietMs, 2 * longestPause))
  return lastCame + quietMs - now.monotonic
}
