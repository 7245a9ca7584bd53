import type { Group, Member } from '../group.js'
import type { Turn } from '../turn.js'

/** Why members are given up, or asked to join again, as clients of ours are told (Heartbeat, tag 20480). */
export const resetReason = 'offsets reset'

/** So many are told why; more than a group can have in practice. */
const mostRemembered = 1_000

/** Who was put out by a reset is told so at its next heartbeat, which it sends within its session. Soft. */
export function rememberFenced({ group, now }: Pick<Turn, 'group' | 'now'>, member: Member): void {
  for (const [memberId, until] of group.fencedMembers)
    if (until <= now.monotonic || group.fencedMembers.size >= mostRemembered) group.fencedMembers.delete(memberId)
  group.fencedMembers.set(member.memberId, now.monotonic + member.sessionTimeoutMs)
}

/** Why a member is refused, or asked to join again; null: for a reason that Kafka's error says. */
export function reasonFor(group: Group, memberId: string): string | null {
  const isMember = group.members.has(memberId)
  if (isMember) return group.reset && group.state === 'PreparingRebalance' ? resetReason : null
  return group.fencedMembers.has(memberId) ? resetReason : null
}
