import type { Decision, Now } from '../decision.js'
import type { Group, Member } from '../group.js'
import { goOnWithReset, resetDeadline } from '../reset/reset-deadline.js'
import type { GroupShard } from '../shard.js'
import { noDecision, storyMember, Turn } from '../turn.js'
import { expireHandedOutIds } from './handed-out-ids.js'
import { lastOf } from './last-of-member.js'
import { givenUp } from './late-members.js'
import { clearPendingSync, removeMember } from './members.js'
import { completeIfAllJoined, joinTimerFired, prepareRebalance } from './rebalance.js'

const never = Number.POSITIVE_INFINITY

/**
 * To be called when a group's deadline has come: expires what is due (specification 1.5) and finds the next deadline.
 * Sessions renewed meanwhile make it a look around without effect, so a renewal never touches a timer.
 */
export function tick(shard: GroupShard, groupId: string, now: Now): Decision {
  const group = shard.groups.get(groupId)
  if (!group) return noDecision
  const turn = new Turn(shard, group, now)
  expireHandedOutIds(turn, now)
  expireSessions(turn)
  goOnWithReset(turn)
  if (group.joinPhase && group.joinPhase.deadline <= now.monotonic) joinTimerFired(turn)
  if (group.pendingSyncDeadline <= now.monotonic) expireUnsynced(turn)
  group.nextDeadline = Math.min(earliestDeadline(group), resetDeadline(turn))
  return turn.decide()
}

/** A member whose request waits here is not silent; nothing is re-armed for it until the phase ends. */
function expireSessions(turn: Turn): void {
  const { group, now } = turn
  const gone: Member[] = []
  for (const member of group.members.values()) {
    if (member.deadline > now.monotonic) continue
    const waits = member.parkedJoin !== null || member.parkedSync !== null
    if (waits && !member.isNew) member.deadline = never
    else gone.push(member)
  }
  removeAll(turn, gone, 'session expired')
}

/** Followers that never asked for their assignment are out, static ones too; also in Stable. */
function expireUnsynced(turn: Turn): void {
  const { group } = turn
  const gone = [...group.pendingSync].flatMap((memberId) => group.members.get(memberId) ?? [])
  clearPendingSync(group)
  if (group.state === 'CompletingRebalance' || group.state === 'Stable') removeAll(turn, gone, 'member did not sync')
}

function removeAll(turn: Turn, gone: readonly Member[], cause: 'session expired' | 'member did not sync'): void {
  if (gone.length === 0) return
  for (const member of gone) {
    removeMember(turn, member)
    // Whoever is not there any more has handed over nothing.
    turn.group.reset?.fenced.push(storyMember(member))
    turn.note('removed', { cause, member, facts: { late: givenUp(turn, member, cause), last: lastOf(member) } })
  }
  if (turn.group.state === 'PreparingRebalance') completeIfAllJoined(turn, { evenInitial: true })
  else prepareRebalance(turn, { cause, member: gone[0] })
}

function earliestDeadline(group: Group): number {
  let earliest = Math.min(group.joinPhase?.deadline ?? never, group.pendingSyncDeadline)
  for (const deadline of group.pendingJoin.values()) earliest = Math.min(earliest, deadline)
  for (const { deadline } of group.members.values()) earliest = Math.min(earliest, deadline)
  return earliest
}
