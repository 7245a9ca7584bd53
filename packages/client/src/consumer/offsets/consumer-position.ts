import type { OffsetToCommit } from '../../admin/group-offsets.js'

/**
 * How far a consumer has come, and who it is in its group: what `transaction.commitOffsets` needs, so that the offsets of
 * a member that lost its partitions meanwhile are refused (KIP-447).
 */
export interface ConsumerPosition {
  readonly groupId: string
  /** -1 for a consumer that was assigned its partitions without a group. */
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** For each partition the offset of the next record; without those that are committed already. */
  readonly offsets: readonly OffsetToCommit[]
  /** The consumer was a member, but is none any more: others may own its partitions. Default false. */
  readonly isLost?: boolean
  /** Tells the consumer that these offsets are committed. */
  committed?(): void
}
