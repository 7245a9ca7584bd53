import type {
  DeleteGroupsResponse,
  HeartbeatResponse,
  JoinGroupResponse,
  LeaveGroupResponse,
  OffsetCommitResponse,
  OffsetDeleteResponse,
  SyncGroupResponse,
  TxnOffsetCommitResponse,
} from '@rivven/protocol'
import type { GroupEvent } from './events.js'
import type { RebalanceNote } from './rebalance-note.js'
import type { ResetOutcome } from './reset/running-reset.js'

/** Names one waiting request. The host hands it in with a command and gets it back with the reply. */
export type Ticket = number

/** Two clocks: deadlines run on the monotonic one, stored timestamps are wall time. Both in milliseconds. */
export interface Now {
  readonly wall: number
  readonly monotonic: number
}

/** Who asks: the header's api version and client id, and the peer as Java prints it (`/10.0.0.1`). */
export interface RequestContext {
  readonly apiVersion: number
  readonly clientId: string
  readonly clientHost: string
  /** As the authorizer calls whoever asks; absent: not known. */
  readonly access?: { readonly principal: string }
}

/** A request on its way into a command. */
export interface Call<Request> {
  readonly ticket: Ticket
  readonly request: Request
  readonly context: RequestContext
  readonly now: Now
}

export type DeletableGroupResult = DeleteGroupsResponse['results'][number]

export type GroupResponse =
  | JoinGroupResponse
  | SyncGroupResponse
  | HeartbeatResponse
  | LeaveGroupResponse
  | OffsetCommitResponse
  | OffsetDeleteResponse
  | DeletableGroupResult
  | TxnOffsetCommitResponse
  | ResetOutcome
  /** Of a marker: its error code. */
  | number

export interface Reply {
  readonly ticket: Ticket
  readonly response: GroupResponse
}

/**
 * What a command decided. The host replays `events` at once and in order, appends them, and sends `replies`
 * when that batch and all before it are durable. A ticket that is not among the replies stays parked until a later decision.
 */
export interface Decision {
  readonly events: readonly GroupEvent[]
  readonly replies: readonly Reply[]
  /** However many they are, the events are stored together or not at all. */
  readonly isWhole?: boolean
  /** Monotonic time at which the host must call `tick` for this group at the latest (Infinity: never). */
  readonly deadline?: number
  readonly notes?: readonly RebalanceNote[]
}
