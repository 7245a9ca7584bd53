import type { Snapshot } from './reset/snapshot.js'

/** A committed offset as stored. Timestamps are wall milliseconds. */
export interface CommittedOffset {
  readonly offset: number
  /** -1: unknown */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestamp: number
  /** -1: none (only commits with a retention time have one, OffsetCommit v2-4) */
  readonly expireTimestamp: number
  /** The zero id: none. */
  readonly topicId: string
  /** It came with a transaction that named neither member nor generation: no generation fences the next one of its kind. */
  readonly isAnonymous?: true
}

export interface StoredMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeoutMs: number
  readonly sessionTimeoutMs: number
  /** Metadata of the selected protocol only. */
  readonly subscription: Buffer
  readonly assignment: Buffer
}

/** A whole group as one record holds it: settled with its assignments, or without members. */
export interface StoredGroup {
  /** Empty for a group that never had a member. */
  readonly protocolType: string
  readonly generation: number
  readonly protocolName: string | null
  readonly leaderId: string | null
  /** -1: unknown */
  readonly stateTimestamp: number
  readonly members: readonly StoredMember[]
}

/** The producer of a transaction, as batches name it. */
export interface TransactionalProducer {
  readonly producerId: number
  readonly producerEpoch: number
}

/** What can happen to the durable state of groups: exactly one event is one record of `__consumer_offsets`. */
export type GroupEvent =
  | {
      readonly kind: 'OffsetCommitted'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
      readonly offset: CommittedOffset
    }
  /** Committed in a transaction: counts once that is committed. */
  | {
      readonly kind: 'OffsetPending'
      readonly groupId: string
      readonly topic: string
      readonly partition: number
      readonly offset: CommittedOffset
      readonly producer: TransactionalProducer
    }
  /** The marker of a transaction: the offsets that it holds in all groups of the shard count, or are gone. */
  | {
      readonly kind: 'TransactionEnded'
      readonly producer: TransactionalProducer
      readonly committed: boolean
      readonly coordinatorEpoch: number
      /** 2: the marker has an epoch of its own (KIP-890). */
      readonly transactionVersion: number
    }
  | { readonly kind: 'OffsetDeleted'; readonly groupId: string; readonly topic: string; readonly partition: number }
  | { readonly kind: 'GroupStored'; readonly groupId: string; readonly group: StoredGroup }
  | { readonly kind: 'GroupDeleted'; readonly groupId: string }
  | GenerationReserved
  | OffsetsReset

/**
 * A generation is about to be handed out (null: forget it, the group is deleted).
 *
 * Kafka writes a group only when its leader has synced. A coordinator that dies between answering JoinGroup and that
 * SyncGroup comes back in the generation before and hands the lost number out a second time: two sets of members may then
 * hold different assignments of "generation 5" and neither is fenced. Here each generation is written down before its
 * members learn of it, as a record of a type of its own beside Kafka's: 20 bytes, and Kafka skips types it does not know
 * (as we do). After a load the group is in the last settled generation, as in Kafka, and the next one it hands out is
 * above every one that was ever handed out.
 */
export interface GenerationReserved {
  readonly kind: 'GenerationReserved'
  readonly groupId: string
  readonly generation: number | null
}

/**
 * Offsets were changed by somebody who is no member, in the batch of this event or the one behind it (snapshot null: it is not kept
 * any longer). It is what `undo` returns to. If it names a generation, all offsets of that batch belong to it, and a group that
 * is stored in an older one has no members: they were put out.
 */
export interface OffsetsReset {
  readonly kind: 'OffsetsReset'
  readonly groupId: string
  readonly id: number
  readonly snapshot: Snapshot | null
}
