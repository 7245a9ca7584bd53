import type { FoundCoordinator } from '../../net/coordinators.js'
import type { ClusterAccess } from '../../options.js'
import type { ThreadTokenOrder } from './thread-tokens.js'
import type { ToldError } from './told-error.js'

/** Who beats: a member in one of its generations. */
export interface BeatingMember {
  readonly memberId: string
  readonly generationId: number
}

/** What the heartbeats of one consumer need to know once and for all. */
export interface HeartbeatInput {
  readonly access: ClusterAccess
  readonly groupId: string
  readonly groupInstanceId: string | null
  readonly heartbeatIntervalMs: number
  readonly sessionTimeoutMs: number
  readonly maxPollIntervalMs: number
  /** The PollBoard's. */
  readonly polls: SharedArrayBuffer
}

/** What membership tells its heartbeats. */
export type HeartbeatOrder =
  | { readonly kind: 'beat'; readonly member: BeatingMember; readonly coordinator: FoundCoordinator | null }
  | { readonly kind: 'pause' }
  | { readonly kind: 'soon' }
  | ThreadTokenOrder

/** Kafka's error, about membership; and why, where the coordinator is one of Rivven and says it. */
export interface BeatRefusal {
  readonly errorCode: number
  readonly reason: string | null
}

/** What heartbeats tell membership. */
export type HeartbeatNews =
  /** The coordinator refused a heartbeat of this member. */
  | { readonly kind: 'refused'; readonly member: BeatingMember; readonly refusal: BeatRefusal }
  /** A heartbeat could not be sent, or was refused, for a reason that somebody has to mend. It is tried again. */
  | { readonly kind: 'failed'; readonly member: BeatingMember; readonly error: ToldError }
  /** Poll was not called for too long: heartbeats ended, and a dynamic member has left the group. */
  | { readonly kind: 'overdue'; readonly member: BeatingMember }
  /** A connection needs a token to log in with, and none is at hand. */
  | { readonly kind: 'token wanted' }
