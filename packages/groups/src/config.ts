/** The broker settings that rule groups, under Kafka's defaults. Times are in milliseconds. */
export interface GroupConfig {
  /** group.min.session.timeout.ms */
  readonly minSessionTimeoutMs: number
  /** group.max.session.timeout.ms */
  readonly maxSessionTimeoutMs: number
  /** group.initial.rebalance.delay.ms: how long an empty group waits for more members before its first generation. */
  readonly initialRebalanceDelayMs: number
  /** How long an empty group may wait at most for members that start together, where that delay is shorter (none in Kafka). */
  readonly gatherMs: number
  /** group.max.size */
  readonly maxSize: number
  /** Most bytes of what one member tells of itself (all its protocols together), and of its assignment; Kafka has no such key. */
  readonly maxMemberBytes: number
  /** Most member ids that are handed out and did not come back yet; Kafka has no such key. */
  readonly maxHandedOutIds: number
  /** How long a new member may wait in its first JoinGroup before it counts as gone (a constant in Kafka). */
  readonly newMemberJoinTimeoutMs: number
  /** offset.metadata.max.bytes: Kafka measures it in UTF-16 code units. */
  readonly offsetMetadataMaxBytes: number
  /** offsets.retention.minutes, in milliseconds. */
  readonly offsetsRetentionMs: number
}

export const defaultGroupConfig: GroupConfig = {
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  gatherMs: 500,
  maxSize: 2_147_483_647,
  maxMemberBytes: 1_048_576,
  maxHandedOutIds: 10_000,
  newMemberJoinTimeoutMs: 300_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1_000,
}
