import type { RebalanceCause } from './decision.js'

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

/** A member that is not in the group any more. */
export interface LeftMember extends StoryMember {
  /** One sentence's end: "left: the consumer is being closed", "its session expired". */
  readonly why: string
}

/** A protocol that was not elected. */
export interface RefusedProtocol {
  readonly name: string
  /** "app-1 (consumer-7-…) does not support it", "fewer votes" */
  readonly because: string
}

export interface PartitionMove {
  readonly topic: string
  readonly partition: number
  /** Member id, or instance id of a static member. Null: nobody had it. */
  readonly from: string | null
  /** Null: nobody has it now (a cooperative group hands it out in its next generation). */
  readonly to: string | null
}

/**
 * One rebalance from the moment the group left its generation to the moment the next one was settled. A JSON value: this is
 * what a record of the topic `__rivven_rebalances` holds. Lists are bounded, the counts beside them are not.
 */
export interface RebalanceStory {
  readonly groupId: string
  /** The generation it made; 0 when it ended without one. */
  readonly generation: number
  /** Wall time in milliseconds. */
  readonly startedAt: number
  readonly endedAt: number
  /**
   * stable: its assignment is stored. emptied: the last member went. superseded: the next rebalance began before the
   * assignment was there. coordinator moved: the broker ended, or gave the group away. deleted: an administrator deleted it.
   */
  readonly outcome: 'stable' | 'emptied' | 'superseded' | 'coordinator moved' | 'deleted'
  readonly cause: RebalanceCause
  /** Who caused it; null: nobody in particular. */
  readonly culprit: StoryMember | null
  /** What the client said itself (KIP-800). */
  readonly reason: string | null
  /** Milliseconds waiting for members to join, and for the leader's assignment; null: it did not come so far. */
  readonly phases: { readonly joinMs: number; readonly syncMs: number | null }
  /** The slowest, and all that were given up. */
  readonly late: readonly LateMember[]
  readonly membersBefore: number
  readonly membersAfter: number
  readonly joined: readonly StoryMember[]
  readonly joinedCount: number
  readonly left: readonly LeftMember[]
  readonly leftCount: number
  readonly protocol: {
    readonly elected: string | null
    /** Members that voted for it, by protocol name. */
    readonly votes: Readonly<Record<string, number>>
    readonly refused: readonly RefusedProtocol[]
  }
  /** Against the last settled generation. Null: assignments that cannot be read, or none was made. */
  readonly partitions: {
    readonly moved: number
    readonly kept: number
    readonly assigned: number
    readonly moves: readonly PartitionMove[]
  } | null
}
