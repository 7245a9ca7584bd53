import type { Decision, Now } from '../decision.js'
import { armDeadline } from '../group.js'
import type { GroupShard } from '../shard.js'
import { noDecision, Turn } from '../turn.js'
import { completeIfAllJoined } from './rebalance.js'

/** How long an id is kept for a client whose connection has closed: it may be back with it on another one. */
const orphanGraceMs = 3_000

/** Ids that were handed out (KIP-394), and the group in which they are awaited. */
export interface HandedOut {
  readonly groupId: string
  readonly memberIds: Iterable<string>
}

/**
 * The connection is gone over which these ids were handed out. Whoever got them has lost them or ends; without this the
 * group would wait for a whole session timeout. Ids that have joined meanwhile are members, and none of this.
 */
export function orphanHandedOutIds(shard: GroupShard, { groupId, memberIds }: HandedOut, now: Now): Decision {
  const group = shard.groups.get(groupId)
  if (!group) return noDecision
  const end = now.monotonic + orphanGraceMs
  for (const memberId of memberIds) {
    const deadline = group.pendingJoin.get(memberId)
    if (deadline !== undefined && deadline > end) group.pendingJoin.set(memberId, end)
  }
  armDeadline(group, end)
  return new Turn(shard, group, now).decide()
}

/** Ends the wait for handed-out ids that did not come back in time. */
export function expireHandedOutIds(turn: Turn, now: Now): void {
  const { pendingJoin } = turn.group
  let expired = false
  for (const [memberId, deadline] of pendingJoin) {
    if (deadline > now.monotonic) continue
    pendingJoin.delete(memberId)
    expired = true
  }
  if (expired) completeIfAllJoined(turn, { evenInitial: true })
}
