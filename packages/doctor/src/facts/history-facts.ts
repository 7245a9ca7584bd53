import type { RebalanceCause, StoryMember } from '@rivven/groups'
import type { Place } from './any-broker-facts.js'

/** How a group and its members went, as their coordinator has seen it. Times are milliseconds since 1970. */
export interface HistoryFacts {
  /** Members that are gone, of the last 24 hours, newest last. */
  readonly departures?: readonly DepartureFact[]
  readonly replacements?: ReplacementsFact
  /** Commits that were refused within ten minutes. */
  readonly refusedCommits?: readonly RefusedCommitsFact[]
  /** By rebalance, newest last. */
  readonly handOvers?: readonly HandOverFact[]
  /** Of members that are there. */
  readonly signs?: readonly SignsFact[]
  /** How members read the partitions that they own. */
  readonly reads?: readonly ReadFact[]
  /** When offsets are forgotten; null: none will be, as things are. */
  readonly expiry?: ExpiryFact | null
}

const rivven = 'Rivven'
export const toldByHistory: Record<keyof HistoryFacts, string> = {
  ...{ departures: rivven, replacements: rivven, refusedCommits: rivven, handOvers: rivven },
  ...{ signs: rivven, reads: rivven, expiry: rivven },
}

export interface DepartureFact extends StoryMember {
  readonly at: number
  /** As `software` of a member. */
  readonly software?: string | null | undefined
  readonly cause: RebalanceCause
  /** What the client said (KIP-800). */
  readonly reason: string | null
  readonly sessionTimeoutMs: number
  /** Of most clients that is max_poll_interval_ms. */
  readonly rebalanceTimeoutMs: number
  readonly lastHeardAt: number | null
  /** When its connection ended; null: it stayed, or none was known. */
  readonly disconnectedAt: number | null
  /** When it, or one of its client id and host, was there again; null: nobody was. */
  readonly returnedAt: number | null
  /** It spoke under its old id: it did not know that it was out. */
  readonly knewNothing: boolean
  /** Records that it had got and not committed; null: not known. */
  readonly readPast: number | null
}

export interface ReplacementsFact {
  /** Static members whose place another process has taken, newest last. */
  readonly replaced: readonly {
    readonly at: number
    readonly groupInstanceId: string
    readonly fromHost: string
    readonly toHost: string
  }[]
  /** Requests within ten minutes of processes whose place was taken. */
  readonly fenced: number
}

export interface RefusedCommitsFact {
  readonly memberId: string
  /** `ILLEGAL_GENERATION` */
  readonly error: string
  readonly count: number
}

/** Partitions that one rebalance has moved, as far as their new owners have begun to read them. */
export interface HandOverFact {
  readonly generation: number
  readonly at: number
  readonly cause: RebalanceCause
  readonly partitions: number
  /** Of these, those that were read from before the place where the owner before was. */
  readonly partitionsReadAgain: number
  readonly recordsReadAgain: number
  /** From the last fetch of the owner before to the first of the new one, in milliseconds. */
  readonly pauseMedianMs: number
  readonly pauseMaxMs: number
}

/** A member's signs of life. */
export interface SignsFact extends StoryMember {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** By name, the favourite first. */
  readonly assignors: readonly string[]
  readonly lastHeardAt: number | null
  /** The usual time between its heartbeats, in milliseconds; null: too few were seen. */
  readonly heartbeatGapMs: number | null
  /** Requests, over the last minute. */
  readonly commitsPerSecond: number
  readonly lastCommitAt: number | null
  /** Since when it is known here. */
  readonly since: number | null
}

export interface ReadFact extends Place {
  readonly memberId: string
  /** Null: nothing is known of a fetch. */
  readonly lastFetchAt: number | null
  /** The offset that it fetches next. */
  readonly position: number | null
  readonly isolation: 'read_committed' | 'read_uncommitted' | null
  /** Of the last answer, all its partitions together, and the most that it would have taken; null: there was none. */
  readonly answerBytes: number | null
  readonly mostBytes: number | null
  /** Transactions that were aborted in the partition within 24 hours. */
  readonly aborted: number
}

export interface ExpiryFact {
  readonly firstAt: number
  readonly retentionMs: number
}
