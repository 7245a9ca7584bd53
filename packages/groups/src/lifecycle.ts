import { ErrorCode } from '@rivven/protocol'
import { isInterrupted } from './classic/causes.js'
import { renewSession, unparkJoin, unparkSync } from './classic/members.js'
import { prepareRebalance } from './classic/rebalance.js'
import type { Decision, Now, Reply } from './decision.js'
import type { GroupEvent } from './events.js'
import type { Group } from './group.js'
import type { RebalanceNote } from './rebalance-note.js'
import { replay } from './replay.js'
import { rememberFenced } from './reset/fenced-members.js'
import type { GroupShard } from './shard.js'
import { noteOf, Turn } from './turn.js'

/**
 * After the whole log was replayed: forgets groups of which nothing is left, gives every member a full session, and lets
 * groups larger than `group.max.size` rebalance. The host then arms a timer per group (`deadlineOf`).
 */
export function loaded(shard: GroupShard, now: Now): Decision {
  const events: GroupEvent[] = []
  const replies: Reply[] = []
  const notes: RebalanceNote[] = []
  shard.memberRoom.countAnew()
  for (const group of shard.groups.values()) {
    if (!group.stored && group.reservedGeneration === 0 && group.offsets.isEmpty) {
      shard.groups.delete(group.groupId)
      continue
    }
    if (group.stored && group.stored.generation < group.resetGeneration) fence(shard, group, now)
    for (const member of group.members.values()) renewSession(group, member, now.monotonic)
    group.loadedAt = now.monotonic
    // Handed out, but never settled: the coordinator before ended in between.
    if (isInterrupted(group)) notes.push({ ...noteOf(group, 'interrupted'), generation: group.reservedGeneration })
    if (group.members.size <= shard.config.maxSize) continue
    const turn = new Turn(shard, group, now)
    prepareRebalance(turn, { cause: 'group larger than its maximum' })
    const decision = turn.decide()
    events.push(...decision.events)
    replies.push(...decision.replies)
    notes.push(...(decision.notes ?? []))
  }
  return { events, replies, notes }
}

/**
 * Offsets were reset, and the generation that they were for was never settled: members of an older one are none any more, or somebody
 * who was put out could commit again. They join as new ones.
 */
function fence(shard: GroupShard, group: Group, now: Now): void {
  const { stored, resetGeneration: generation } = group
  if (!stored || stored.members.length === 0) return
  for (const member of group.members.values()) rememberFenced({ group, now }, member)
  const empty = { ...stored, generation, protocolName: null, leaderId: null, members: [], stateTimestamp: now.wall }
  replay(shard, { kind: 'GroupStored', groupId: group.groupId, group: empty })
  group.isFenced = true
}

/** The partition is led elsewhere now: whoever waits is sent to look for its coordinator, and memory is let go. */
export function unload(shard: GroupShard, errorCode: number = ErrorCode.NOT_COORDINATOR): Decision {
  const replies: Reply[] = []
  const notes: RebalanceNote[] = []
  for (const group of shard.groups.values()) {
    const turn = new Turn(shard, group, { wall: 0, monotonic: 0 })
    group.reset = null
    if (group.state === 'PreparingRebalance' || group.state === 'CompletingRebalance') turn.note('interrupted')
    for (const member of group.members.values()) {
      unparkJoin(turn, member, errorCode, member.memberId)
      unparkSync(turn, member, errorCode)
    }
    const decision = turn.decide()
    replies.push(...decision.replies)
    notes.push(...(decision.notes ?? []))
  }
  shard.groups.clear()
  return { events: [], replies, notes }
}
