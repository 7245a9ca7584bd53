import { groupTombstones } from '../classic/delete-group.js'
import type { Decision, Now } from '../decision.js'
import type { CommittedOffset, GroupEvent } from '../events.js'
import type { Group } from '../group.js'
import { expiredSnapshots } from '../reset/snapshot.js'
import type { GroupShard } from '../shard.js'

/**
 * The sweep of offsets.retention.check.interval.ms (KIP-211, specification 3.8): tombstones for offsets whose time is over,
 * and for empty groups that hold none any more. Snapshots of offsets go as well, and with them what fences members that the log
 * still holds: the group is written down without these before.
 */
export function expireOffsets(shard: GroupShard, now: Now): Decision {
  const events: GroupEvent[] = []
  for (const group of shard.groups.values()) {
    if (group.isFenced && group.stored)
      events.push({ kind: 'GroupStored', groupId: group.groupId, group: group.stored })
    const expired = expiredOffsets(group, now.wall, shard.config.offsetsRetentionMs)
    // A spread would put every offset of a large group on the stack.
    for (const event of expired) events.push(event)
    const left = countOffsets(group) - expired.length
    if (group.state === 'Empty' && left === 0 && group.offsets.pending.size === 0) {
      events.push(...groupTombstones(group))
    }
  }
  for (const event of expiredSnapshots(shard.snapshots, now.wall)) events.push(event)
  return { events, replies: [] }
}

/** A topic was deleted: its offsets go in every group. */
export function topicDeleted(shard: GroupShard, topic: string): Decision {
  const events: GroupEvent[] = []
  for (const { groupId, offsets } of shard.groups.values()) {
    for (const partition of offsets.partitionsOf(topic))
      events.push({ kind: 'OffsetDeleted', groupId, topic, partition })
  }
  return { events, replies: [] }
}

function expiredOffsets(group: Group, wall: number, retentionMs: number): GroupEvent[] {
  const since = expiryRule(group)
  if (!since) return []
  const events: GroupEvent[] = []
  for (const [topic, partitions] of group.offsets.committed) {
    for (const [partition, offset] of partitions) {
      const start = since(topic, offset)
      if (start === null || group.offsets.isPending(topic, partition)) continue
      const expired = offset.expireTimestamp === -1 ? wall - start >= retentionMs : wall >= offset.expireTimestamp
      if (expired) events.push({ kind: 'OffsetDeleted', groupId: group.groupId, topic, partition })
    }
  }
  return events
}

/** When the first offset of a group expires, wall milliseconds, if nothing happens any more; null: none does as things are. */
export function firstExpiry(group: Group, retentionMs: number): number | null {
  const since = expiryRule(group)
  if (!since) return null
  let first = Number.POSITIVE_INFINITY
  for (const [topic, partitions] of group.offsets.committed) {
    for (const offset of partitions.values()) {
      const start = since(topic, offset)
      if (start === null) continue
      first = Math.min(first, offset.expireTimestamp === -1 ? start + retentionMs : offset.expireTimestamp)
    }
  }
  return first === Number.POSITIVE_INFINITY ? null : first
}

/** From when on the retention of an offset counts (null: it does not expire), or null if none of the group's expires. */
function expiryRule(group: Group): ((topic: string, offset: CommittedOffset) => number | null) | null {
  const { protocolType, state, stateTimestamp, subscribedTopics } = group
  if (state === 'Empty') {
    if (protocolType === null || stateTimestamp === -1) return (_topic, { commitTimestamp }) => commitTimestamp
    return () => stateTimestamp
  }
  if (protocolType !== 'consumer' || state !== 'Stable' || !subscribedTopics) return null
  return (topic, { commitTimestamp }) => (subscribedTopics.has(topic) ? null : commitTimestamp)
}

function countOffsets({ offsets }: Group): number {
  let count = 0
  for (const partitions of offsets.committed.values()) count += partitions.size
  return count
}
