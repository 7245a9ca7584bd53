import { ErrorCode } from '@rivven/protocol'
import { armDeadline, type Group, type Member } from '../group.js'
import type { Turn } from '../turn.js'
import { joinGroupAnswer } from './join-answer.js'
import type { Joining } from './joining.js'
import { parkJoin, renameMember, renewSession, unparkJoin, unparkSync, updateMember } from './members.js'
import { prepareRebalance, storedGroup } from './rebalance.js'
import { electProtocol } from './voting.js'

/**
 * A static member comes back without its member id (KIP-345, specification 2.5.2): it takes its place under a new id, and
 * requests of the old process are fenced. In Stable, if the choice of the protocol stays, nobody else notices.
 */
export function replaceStaticMember(
  turn: Turn,
  joining: Joining,
  { old, memberId }: { old: Member; memberId: string },
): void {
  const { group, now } = turn
  const oldLeader = group.leaderId
  const oldMemberId = old.memberId
  unparkJoin(turn, old, ErrorCode.FENCED_INSTANCE_ID, old.memberId)
  unparkSync(turn, old, ErrorCode.FENCED_INSTANCE_ID)
  renameMember(group, old, memberId)
  renewReplaced(group, old, now.monotonic)
  updateMember(group, old, joining.terms)
  turn.note('replaced', { member: old, facts: { replaced: { oldMemberId, newHost: joining.clientHost } } })
  const why = { cause: 'static member replaced', member: old, reason: joining.request.reason } as const
  if (group.state === 'Stable' && electProtocol(group) === group.protocolName) {
    turn.emit({ kind: 'GroupStored', groupId: group.groupId, group: storedGroup(group, group.stateTimestamp) })
    turn.answer(joining.parked.ticket, answerWithoutRebalance(turn, joining, { member: old, oldLeader }))
    return
  }
  parkJoin(turn, old, joining.parked)
  prepareRebalance(turn, why)
}

/** Until its first renewal the session is the old process's (Kafka arms the timer before it takes over the new timeout). */
function renewReplaced(group: Group, member: Member, monotonic: number): void {
  if (member.isNew) armDeadline(group, member.deadline)
  else renewSession(group, member, monotonic)
}

/** KIP-814: a leader is told that it leads and need not assign. Before version 9 it must not recognise itself as leader. */
function answerWithoutRebalance(
  turn: Turn,
  joining: Joining,
  { member, oldLeader }: { member: Member; oldLeader: string | null },
) {
  const { group } = turn
  const { apiVersion } = joining.parked
  const answer = joinGroupAnswer(group, member, apiVersion)
  if (apiVersion < 9) return { ...answer, leader: oldLeader ?? '', members: [] }
  return { ...answer, skipAssignment: group.leaderId === member.memberId }
}
