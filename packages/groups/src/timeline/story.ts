import type { Election, LateMember, RebalanceCause, StoryMember } from '../rebalance-note.js'

/** A member that is not in the group any more. */
export interface LeftMember extends StoryMember {
  /** One sentence's end: "left: the consumer is being closed", "its session expired". */
  readonly why: string
}

export interface PartitionMove {
  readonly topic: string
  readonly partition: number
  /** Member id, or instance id of a static member. Null: nobody had it. */
  readonly from: string | null
  /** Null: nobody has it now. */
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
  readonly protocol: Election
  /** Against the last settled generation. Null: assignments that cannot be read, or none was made. */
  readonly partitions: PartitionChanges | null
  /** Node id of the broker that tells it, the coordinator; missing in stories of earlier versions. */
  readonly broker?: number
}

/** What became of partitions from one settled generation to the next; a static member that returns is the same owner. */
export interface PartitionChanges {
  /** Had an owner, and have another. */
  readonly moved: number
  /** Have the owner they had. */
  readonly kept: number
  /** Have an owner now: moved, kept, and those that had none. */
  readonly assigned: number
  /** Had an owner and have none now: a cooperative group hands them out in its next generation. */
  readonly released: number
  /** Some of those that changed, moved ones first. */
  readonly moves: readonly PartitionMove[]
}
