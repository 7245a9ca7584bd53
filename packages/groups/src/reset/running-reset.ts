import type { Ticket } from '../decision.js'
import type { StoryMember } from '../rebalance-note.js'
import type { Administrator } from './administrator.js'
import type { Aim, LogLimits } from './aim.js'
import type { OffsetChange, SnapshotMode } from './snapshot.js'

/** One partition of a reset. */
export interface WantedOffset {
  readonly topic: string
  readonly partition: number
  /** The zero id: not known. */
  readonly topicId: string
  readonly aim: Aim
}

export interface ResetRequest {
  readonly groupId: string
  readonly wanted: readonly WantedOffset[]
  /** What a partition holds, as far as is known at the moment of the question. Asked for what is `wanted` alone. */
  readonly limitsOf: (topic: string, partition: number) => LogLimits
  /** Also where the group has members: they hand over, and who does not within `handoverMs` is out. */
  readonly isLive: boolean
  /** 0: nobody is waited for. */
  readonly handoverMs: number
  /** What would be done, and nothing else. */
  readonly isPlan: boolean
  /** Only while the offsets are those of this fingerprint, and the group has no members. */
  readonly ifUnchanged: string | null
  /** Although commits of transactions may come later that name no member. */
  readonly isForced: boolean
  /** A group that does not exist is made. */
  readonly mayCreate: boolean
  readonly reason: string
  /** Id of the snapshot that it is a return to. */
  readonly undoes: number | null
}

/** What becomes of one partition; `note`: why it is not what was asked for. */
export interface PlannedChange extends OffsetChange {
  readonly note: string | null
}

export type ResetRefusal =
  | 'no such group'
  | 'has members'
  | 'reset in progress'
  | 'no consumers'
  | 'anonymous commits'
  | 'offsets changed'
  | 'too many'
  | 'no room'

export type ResetOutcome =
  | { readonly kind: 'refused'; readonly why: ResetRefusal; readonly members: readonly StoryMember[] }
  /** By the storage, or because nobody coordinates the group here: an error of Kafka's protocol. */
  | { readonly kind: 'failed'; readonly errorCode: number }
  | {
      readonly kind: 'planned' | 'done'
      readonly changes: readonly PlannedChange[]
      /** Of the offsets as they were. */
      readonly fingerprint: string
      /** Of the group, from which on they count. */
      readonly generation: number
      readonly mode: SnapshotMode
      /** Id of the snapshot; null: it is a plan, or nothing was changed. */
      readonly snapshot: number | null
      /** Members when it began. */
      readonly memberCount: number
      /** Members that did not hand over. */
      readonly fenced: readonly StoryMember[]
    }

/**
 * What a reset of a group with members waits for. joining: for all members to join, and so to have given up what they had.
 * draining: some kept it, as cooperative members do, and get a generation in which nobody has anything. drained: they know it.
 */
export type ResetStage = 'joining' | 'draining' | 'drained'

/** A reset of a group with members, on its way to the turning point. Soft: with its coordinator it is gone, and nothing has changed. */
export interface RunningReset {
  readonly request: ResetRequest
  readonly who: Administrator
  readonly ticket: Ticket
  /** Monotonic. */
  readonly since: number
  /** Who has not handed over by then is out; monotonic. */
  readonly deadline: number
  readonly memberCount: number
  readonly fenced: StoryMember[]
  stage: ResetStage
  /** The deadline has come: nobody is waited for any more. */
  isOver: boolean
}
