import type { Decision, Now } from '../decision.js'
import type { Member } from '../group.js'
import type { GroupShard } from '../shard.js'
import { noDecision, Turn } from '../turn.js'

export interface LostMembers {
  readonly groupId: string
  readonly memberIds: Iterable<string>
}

/**
 * The connection is gone over which these members were last heard of, and they did not leave: they were killed, or are about to
 * be back on another one. Nothing follows from it, as in Kafka, until their session ends; but it can be told.
 */
export function membersDisconnected(shard: GroupShard, { groupId, memberIds }: LostMembers, now: Now): Decision {
  const group = shard.groups.get(groupId)
  if (!group) return noDecision
  const turn = new Turn(shard, group, now)
  for (const memberId of memberIds) {
    const member = group.members.get(memberId)
    if (!member) continue
    member.disconnectedAt = now.monotonic
    turn.note('disconnected', { member })
  }
  return turn.decide()
}

/** Since when, monotonic, nothing connects a member with the broker. Null: it is connected, or was heard of since. */
export function disconnectedSince(member: Member): number | null {
  const { disconnectedAt, deadline, sessionTimeoutMs, isNew, parkedJoin, parkedSync } = member
  if (disconnectedAt === null || isNew || parkedJoin || parkedSync) return null
  // A session is renewed by whatever is heard, so its end tells when that was.
  return deadline - sessionTimeoutMs <= disconnectedAt ? disconnectedAt : null
}
