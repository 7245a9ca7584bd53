import type { Ticket } from './decision.js'
import type { StoredGroup } from './events.js'
import { GroupOffsets } from './offsets/group-offsets.js'
import type { RunningReset } from './reset/running-reset.js'

/**
 * Empty: no members; may hold offsets and handed-out ids. JoinGroup starts the initial delay.
 * PreparingRebalance: collects JoinGroups; heartbeats answer 27; ends when all have joined or the join timer fires.
 * CompletingRebalance: JoinGroups are answered, SyncGroups wait; ends with the leader's SyncGroup or a new rebalance.
 * Stable: the assignment is stored and handed out.
 * A deleted group (Kafka's Dead) is simply not there any more.
 */
export const groupStates = ['Empty', 'PreparingRebalance', 'CompletingRebalance', 'Stable'] as const
export type GroupState = (typeof groupStates)[number]

export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

/** A request that waits for its answer. */
export interface Parked {
  readonly ticket: Ticket
  readonly apiVersion: number
  /** When it came, monotonic. */
  readonly since: number
}

export interface Member {
  memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  protocols: readonly Protocol[]
  assignment: Buffer
  parkedJoin: Parked | null
  parkedSync: Parked | null
  /** Until the first join phase that includes the member has completed. */
  isNew: boolean
  /** End of its session (or, while new, of its wait), monotonic. */
  deadline: number
  /** When the connection ended over which it was last heard of, monotonic; it may have been heard of since. */
  disconnectedAt: number | null
}

/**
 * Timer of a join phase that began at `since`, monotonic. `initial`: the group was empty and waits for more members
 * (specification 1.6).
 */
export type JoinPhase = InitialWait | { readonly kind: 'rejoin'; readonly since: number; readonly deadline: number }

export interface InitialWait {
  readonly kind: 'initial'
  readonly since: number
  deadline: number
  delay: number
  remaining: number
  newMemberAdded: boolean
  /** When the last member came, monotonic, and the longest time between two. */
  lastCame: number
  longestPause: number
}

/** One group. The first block is durable and written by `replay` alone; the rest is soft and rebuilt after a load. */
export interface Group {
  readonly groupId: string
  stored: StoredGroup | null
  /** Highest generation that was ever written down before it was handed out. */
  reservedGeneration: number
  /** Whoever was in an older generation is no member any more: offsets were reset in this one. */
  resetGeneration: number
  readonly offsets: GroupOffsets

  state: GroupState
  /** Wall time of the last change of state; -1: unknown. */
  stateTimestamp: number
  /** Null: a simple group that only stores offsets. */
  protocolType: string | null
  protocolName: string | null
  generation: number
  leaderId: string | null
  readonly members: Map<string, Member>
  /** groupInstanceId -> memberId */
  readonly staticMembers: Map<string, string>
  /** Bytes of what its members tell of themselves, and of their stored assignments. */
  memberBytes: number
  assignmentBytes: number
  /** Protocol name -> number of members that list it. */
  readonly supportedProtocols: Map<string, number>
  /** Number of members with a parked JoinGroup. */
  parkedJoins: number
  /** Handed-out member ids (KIP-394) -> end of their wait, monotonic. */
  readonly pendingJoin: Map<string, number>
  /** Members that have not sent SyncGroup in this generation, and until when they may. */
  readonly pendingSync: Set<string>
  pendingSyncDeadline: number
  joinPhase: JoinPhase | null
  /** When this generation was handed out, monotonic; meaningful while `pendingSync` has members. */
  formedAt: number
  /** When the group was loaded from its log, monotonic; null once it has rebalanced since. */
  loadedAt: number | null
  /** The log holds members that a reset has put out, and no later state of the group. */
  isFenced: boolean
  /** A reset of its offsets that waits for members; null: there is none. */
  reset: RunningReset | null
  /** Members that a reset has put out, and until when they are told so, monotonic. */
  readonly fencedMembers: Map<string, number>
  /** Topics of all subscriptions; null: not known. */
  subscribedTopics: ReadonlySet<string> | null
  /** `tick` has nothing to do before this monotonic time; it may be earlier than needed, never later. */
  nextDeadline: number
}

export function createGroup(groupId: string): Group {
  return {
    groupId,
    stored: null,
    reservedGeneration: 0,
    resetGeneration: 0,
    offsets: new GroupOffsets(),
    state: 'Empty',
    stateTimestamp: -1,
    protocolType: null,
    protocolName: null,
    generation: 0,
    leaderId: null,
    members: new Map(),
    staticMembers: new Map(),
    memberBytes: 0,
    assignmentBytes: 0,
    supportedProtocols: new Map(),
    parkedJoins: 0,
    pendingJoin: new Map(),
    pendingSync: new Set(),
    pendingSyncDeadline: Number.POSITIVE_INFINITY,
    joinPhase: null,
    formedAt: 0,
    loadedAt: null,
    isFenced: false,
    reset: null,
    fencedMembers: new Map(),
    subscribedTopics: null,
    nextDeadline: Number.POSITIVE_INFINITY,
  }
}

/** Makes sure that `tick` is called at that time or earlier. */
export function armDeadline(group: Group, at: number): void {
  if (at < group.nextDeadline) group.nextDeadline = at
}

/** The number the next completed join phase gets: above all ever handed out, also before a crash. */
export function nextGeneration(group: Group): number {
  return Math.max(group.generation, group.reservedGeneration) + 1
}
