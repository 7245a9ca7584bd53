import type { LeaveGroupRequest } from '@rivven/protocol'
import type { Now } from '../decision.js'
import type { Group, Member, Protocol } from '../group.js'
import type { RebalanceCause } from '../rebalance-note.js'
import { decodeSubscription, type Subscription } from '../subscription.js'
import { metadataOf, sameProtocols } from './voting.js'

/*
 * What clients say when they join or leave (KIP-800): our own words, and those of the Java client. librdkafka and kafkajs
 * speak versions without reasons; then metadata has to tell.
 */
const removedByAdmin = /removed by an admin/i
const stoppedPolling = /poll timeout|poll was not called|max[._]?poll[._]?interval/i
const sawPartitions = /metadata has changed|partitions of the subscribed topics changed|partitions? (were |was )?added/i
const gaveUpPartitions = /revoke partitions and re-?join|partitions were given up/i

/** Larger metadata is not looked into: the cause is worth a moment, not more. */
const mostBytesRead = 1_000_000

type Leaving = LeaveGroupRequest['members'][number]

/** Why a member named in a LeaveGroup of so many members leaves. Only administrators name others, or an instance alone. */
export function leaveCause({ memberId, groupInstanceId, reason }: Leaving, named: number): RebalanceCause {
  const byInstance = memberId === '' && groupInstanceId !== null
  if (named > 1 || byInstance || removedByAdmin.test(reason ?? '')) return 'admin'
  return stoppedPolling.test(reason ?? '') ? 'poll timeout' : 'member left'
}

/** Why a member joins again out of a generation. To be asked before its protocols are updated. */
export function rejoinCause(
  group: Group,
  member: Member,
  rejoin: { protocols: readonly Protocol[]; reason: string | null },
): RebalanceCause {
  const reason = rejoin.reason ?? ''
  const isLeader = group.leaderId === member.memberId
  if (!sameProtocols(member.protocols, rejoin.protocols)) {
    const before = subscriptionIn(group, member.protocols)
    const after = subscriptionIn(group, rejoin.protocols)
    if (!before || !after || !sameTopics(before, after)) return 'subscription changed'
    if (gaveUpPartitions.test(reason) || countOwned(after) < countOwned(before)) return 'partitions handed over'
  }
  if (sawPartitions.test(reason)) return 'partitions added'
  return isLeader ? 'leader rejoined' : 'member rejoined'
}

/** The log has a generation that was handed out and never settled: members hold numbers the group does not know. */
export function isInterrupted({ generation, reservedGeneration }: Group): boolean {
  return reservedGeneration > generation
}

/**
 * The first rebalance after a load: members that come back within their session to begin again what the coordinator before
 * did not end are not its cause.
 */
export function causeAfterLoad(
  group: Group,
  { cause, member }: { cause: RebalanceCause; member?: Member },
  now: Now,
): RebalanceCause {
  if (group.loadedAt === null || !member || now.monotonic - group.loadedAt > member.sessionTimeoutMs) return cause
  const begunAgain = cause === 'leader rejoined' || cause === 'member rejoined'
  const joined = cause === 'first member' || cause === 'member joined' || cause === 'subscription changed'
  return begunAgain || (joined && isInterrupted(group)) ? 'coordinator moved' : cause
}

/** Null where it cannot be read, and for groups that are not consumers. */
function subscriptionIn(group: Group, protocols: readonly Protocol[]): Subscription | null {
  const metadata = metadataOf({ protocols }, group.protocolName)
  if (group.protocolType !== 'consumer' || metadata.length > mostBytesRead) return null
  try {
    return decodeSubscription(metadata)
  } catch {
    return null
  }
}

function sameTopics(before: Subscription, after: Subscription): boolean {
  const topics = new Set(before.topics)
  return topics.size === new Set(after.topics).size && after.topics.every((topic) => topics.has(topic))
}

function countOwned({ ownedPartitions }: Subscription): number {
  let count = 0
  for (const { partitions } of ownedPartitions) count += partitions.length
  return count
}
