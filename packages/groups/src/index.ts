// Groups: state, and the commands on it

export type {
  AssignableMember,
  AssignableTopic,
  AssignmentInput,
  Assignor,
  MemberAssignments,
  RebalanceProtocol,
} from './assignors/assignor.js'
export { rangeAssignor } from './assignors/range.js'
export { roundRobinAssignor } from './assignors/round-robin.js'
export { cooperativeStickyAssignor, stickyAssignor } from './assignors/sticky.js'
export { deleteGroup } from './classic/delete-group.js'
export {
  type DescribedGroup,
  describeGroup,
  describeGroupRefusal,
  type ListedGroup,
  type ListFilters,
  listGroups,
  operationsNotAsked,
} from './classic/describe.js'
export { type LostMembers, membersDisconnected } from './classic/disconnected.js'
export { expectMember } from './classic/expect-member.js'
export { type HandedOut, orphanHandedOutIds } from './classic/handed-out-ids.js'
export { heartbeat } from './classic/heartbeat.js'
export { joinGroup } from './classic/join.js'
export { lastOf } from './classic/last-of-member.js'
export { leaveGroup } from './classic/leave.js'
export { syncGroup } from './classic/sync.js'
export { tick } from './classic/timers.js'
export { defaultGroupConfig, type GroupConfig } from './config.js'
export type {
  Call,
  Decision,
  DeletableGroupResult,
  GroupResponse,
  Now,
  Reply,
  RequestContext,
  Ticket,
} from './decision.js'
// Events and their records
export type {
  CommittedOffset,
  GenerationReserved,
  GroupEvent,
  OffsetsReset,
  StoredGroup,
  StoredMember,
  TransactionalProducer,
} from './events.js'
export { type Group, type GroupState, groupStates, type Member } from './group.js'
export { type CatchUp, type CatchUpFacts, catchUpOf, laterCatchUp } from './lag/catch-up.js'
export { lagOf } from './lag/lag-of.js'
export { OffsetRates } from './lag/offset-rates.js'
export { ratePerSecond } from './lag/rate.js'
export {
  type Status,
  type StatusQuestion,
  type StopReason,
  statuses,
  statusOf,
  stopReasonOf,
  type Verdict,
  type VerdictReason,
  verdictOn,
  verdictReasons,
  worseStatus,
} from './lag/status.js'
export { advanceTrack, beginTrack, blankTrack, type LagSample, type LagTrack } from './lag/track.js'
export { loaded, unload } from './lifecycle.js'
export { bytesOfGroup, MemberRoom } from './member-room.js'
export { commitOffsets } from './offsets/commit.js'
export {
  commitInTransaction,
  type EndedTransaction,
  endTransaction,
  txnOffsetCommitRefusal,
} from './offsets/commit-in-transaction.js'
export { deleteOffsets } from './offsets/delete.js'
export { expireOffsets, firstExpiry, topicDeleted } from './offsets/expire.js'
export { type FetchedGroup, fetchOffsets, type OffsetsAsked } from './offsets/fetch.js'
// The story of each rebalance
export type {
  Election,
  LastOfMember,
  LateMember,
  RebalanceCause,
  RebalanceFacts,
  RebalanceNote,
  RefusedProtocol,
  StoryMember,
} from './rebalance-note.js'
export { decodeEvent, type EncodedRecord, encodeEvent } from './records.js'
export {
  commitAppendError,
  fetchAppendError,
  heartbeatAnswer,
  joinGroupRefusal,
  leaveGroupRefusal,
  leavingMembers,
  offsetCommitRefusal,
  offsetDeleteRefusal,
  syncGroupRefusal,
} from './refusals.js'
export { replay } from './replay.js'
// Reset of offsets, and what they were before
export type { Aim, LogLimits } from './reset/aim.js'
export { resetOffsets } from './reset/reset-offsets.js'
export type {
  PlannedChange,
  ResetOutcome,
  ResetRefusal,
  ResetRequest,
  ResetStage,
  RunningReset,
  WantedOffset,
} from './reset/running-reset.js'
export type { OffsetChange, Snapshot, SnapshotMode, Snapshots } from './reset/snapshot.js'
export { createShard, deadlineOf, type GroupShard, type ShardOptions } from './shard.js'
export {
  decodeCooperativeUserData,
  decodeStickyUserData,
  encodeCooperativeUserData,
  encodeStickyUserData,
  type StickyUserData,
} from './sticky-user-data.js'
// The consumer protocol, and who gets what
export {
  type Assignment,
  assignedPartitions,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
  subscribedTopics,
  type TopicPartitions,
} from './subscription.js'
export type { LeftMember, PartitionChanges, PartitionMove, RebalanceStory } from './timeline/story.js'
export { tellStory } from './timeline/tell-story.js'
export { type EndedRebalance, Timeline } from './timeline/timeline.js'
export { type AwaitedMember, type GroupWait, waitOf } from './timeline/wait.js'
