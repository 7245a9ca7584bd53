import { ExpectedMembers } from './classic/expected-members.js'
import { defaultGroupConfig, type GroupConfig } from './config.js'
import type { Group } from './group.js'
import { endlessMemberRoom, type MemberRoom } from './member-room.js'
import { Snapshots } from './reset/snapshot.js'

/** The groups of one partition of `__consumer_offsets`. One owner, one queue: its host calls commands one at a time. */
export interface GroupShard {
  readonly config: GroupConfig
  /** Gives a fresh unique id (a UUID); member ids are made of it. */
  readonly newId: () => string
  readonly groups: Map<string, Group>
  /** Offsets before changes by administrators, of groups that are gone, too. Written by `replay` alone. */
  readonly snapshots: Snapshots
  readonly expected: ExpectedMembers
  /** Of the offsets of all its groups. Written by `replay` alone. */
  offsetWeight: number
  /** How much new offsets may weigh together, in all shards (max.committed.offsets; Kafka has no such key). */
  readonly roomForOffsets: () => number
  /** Of all shards. */
  readonly memberRoom: MemberRoom
}

export interface ShardOptions {
  readonly newId: () => string
  readonly config?: Partial<GroupConfig>
  /** Default: no limit. */
  readonly roomForOffsets?: () => number
  /** Default: no limit. */
  readonly memberRoom?: MemberRoom
}

const noLimit = () => Number.POSITIVE_INFINITY

/** An empty shard, ready for `replay` of its log and then `loaded`. */
export function createShard(options: ShardOptions): GroupShard {
  const { newId, config, roomForOffsets = noLimit, memberRoom = endlessMemberRoom } = options
  return {
    config: { ...defaultGroupConfig, ...config },
    newId,
    groups: new Map(),
    snapshots: new Snapshots(),
    expected: new ExpectedMembers(),
    offsetWeight: 0,
    roomForOffsets,
    memberRoom,
  }
}

/** Monotonic time at which `tick` must be called for a group at the latest; Infinity if never (or no such group). */
export function deadlineOf(shard: GroupShard, groupId: string): number {
  return shard.groups.get(groupId)?.nextDeadline ?? Number.POSITIVE_INFINITY
}
