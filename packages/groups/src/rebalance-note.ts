import type { StoredGroup } from './events.js'
import type { SnapshotMode } from './reset/snapshot.js'

/** Why a group left its generation. */
export type RebalanceCause =
  | 'first member'
  | 'member joined'
  | 'member left'
  | 'session expired'
  /** A member left because its application did not ask for records in time. */
  | 'poll timeout'
  /** An administrator took members out. */
  | 'admin'
  /** Offsets are to be changed by somebody who is no member: all members give up what they have first. */
  | 'offsets reset'
  | 'subscription changed'
  /** The leader saw that subscribed topics have other partitions now. */
  | 'partitions added'
  /** A member of a cooperative group gave partitions up, and joined again so that others get them. */
  | 'partitions handed over'
  | 'leader rejoined'
  /** A follower joined again with other metadata but the same topics, and did not say why. */
  | 'member rejoined'
  | 'static member replaced'
  | 'member did not sync'
  | 'member did not join'
  | 'group larger than its maximum'
  /** The coordinator ended or was loaded anew in the middle of a rebalance, and members begin it again. */
  | 'coordinator moved'

/** How a member is named in stories: as DescribeGroups does. */
export interface StoryMember {
  readonly memberId: string
  /** Null: a dynamic member. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** As Java prints it: `/10.0.0.1` */
  readonly clientHost: string
}

/** A member the others waited for. */
export interface LateMember extends StoryMember {
  /** join: for its JoinGroup. sync: for its SyncGroup. */
  readonly phase: 'join' | 'sync'
  /** Milliseconds from the begin of that phase until it came or was given up. */
  readonly waitedMs: number
  /** It was given up and is out of the group. */
  readonly removed: boolean
}

/** A protocol that was not elected. */
export interface RefusedProtocol {
  readonly name: string
  /** "app-1 (app-1-8f…) does not support it", "fewer votes" */
  readonly because: string
}

export interface Election {
  readonly elected: string | null
  /** Members that voted for it, by protocol name. */
  readonly votes: Readonly<Record<string, number>>
  readonly refused: readonly RefusedProtocol[]
}

/** One line of a group's story, for the log, for metrics and for the flight recorder (`Timeline`). */
export interface RebalanceNote {
  readonly groupId: string
  /**
   * joined, left, removed: a member comes, goes by itself, or is given up; before `started` if that is what started it.
   * started: a join phase begins. formed: a generation is handed out. stable: its assignment is stored.
   * emptied: the last member is gone. interrupted: this coordinator ends, or the one before ended, between started and
   * stable. deleted: an administrator deleted the group. disconnected: the connection of a member has ended; nothing
   * follows from it until its session ends. replaced: another process took the place of a static member, with a rebalance
   * or without. reset: offsets were changed by somebody who is no member.
   */
  readonly kind:
    | 'joined'
    | 'left'
    | 'removed'
    | 'started'
    | 'formed'
    | 'stable'
    | 'emptied'
    | 'interrupted'
    | 'deleted'
    | 'disconnected'
    | 'replaced'
    | 'reset'
  readonly generation: number
  readonly cause: RebalanceCause | null
  /** The member that caused it, if it was one. */
  readonly memberId: string | null
  readonly clientId: string | null
  /** What the client said (KIP-800), or null. */
  readonly reason: string | null
  readonly members: number
  readonly facts: RebalanceFacts
}

/** What the flight recorder makes of a note; by reference, nothing is copied or decoded on the way of a request. */
export interface RebalanceFacts {
  /** Who `memberId` is; of a reset: who asked for it. */
  readonly member?: StoryMember
  /** started: the last settled generation. stable: this one. Null: there is none. */
  readonly settled?: StoredGroup | null
  /** formed: the slowest to join. removed: the one that was given up while others waited. */
  readonly late?: readonly LateMember[]
  /** formed */
  readonly election?: Election
  /** reset: in which way. */
  readonly how?: SnapshotMode
  /** left, removed */
  readonly last?: LastOfMember
  /** replaced: under which id the place was taken before, and where the new process is, as `clientHost` of a member. */
  readonly replaced?: { readonly oldMemberId: string; readonly newHost: string }
}

/** How a member was when it went. Times are monotonic. */
export interface LastOfMember {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** Null: never, since its id was handed out, or it waited for the group. */
  readonly heardAt: number | null
  /** When its connection ended; null: it stayed, or none is known. */
  readonly disconnectedAt: number | null
}
