import type { Status } from '@rivven/groups'
import type { Place } from './any-broker-facts.js'

/** What one look does not show: how it goes on. */
export interface TwoLookFacts {
  /**
   * Since when the group has been in its state at least, and, if it is stable, has had its assignment; milliseconds since 1970.
   */
  readonly stateSince?: number
  readonly pace?: readonly PaceFact[]
  /** Samples of the newest records in partitions that are hot (`hotPartitions`); none: no partition is. */
  readonly keys?: readonly KeySample[]
}

const twoLooks = 'two looks'
export const toldByTwoLooks: Record<keyof TwoLookFacts, string> = {
  stateSince: twoLooks,
  pace: twoLooks,
  keys: twoLooks,
}

/** How a group gets on in a partition; null where that is not known. */
export interface PaceFact extends Place {
  /** Offsets. */
  readonly consumedPerSecond: number | null
  readonly producedPerSecond: number | null
  /** What retention removes. */
  readonly removedPerSecond?: number | null
  /** As `rivven_consumer_group_status` has it (docs/monitoring.md). */
  readonly status: Status | null
}

export interface KeySample extends Place {
  /** Newest records that were looked at. */
  readonly records: number
  /** The most frequent keys among them. */
  readonly keys: readonly KeyCount[]
}

export interface KeyCount {
  /** Tells it apart without telling what it is. */
  readonly hash: string
  readonly count: number
  /** What it is; missing unless somebody asked for that. */
  readonly key?: string
}
