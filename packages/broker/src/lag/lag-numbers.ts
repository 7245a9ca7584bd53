import { lagOf } from '@rivven/groups'
import type { Arrival } from '../log/arrival/arrival.js'
import type { Waiting } from '../log/arrival/waiting.js'

/** Where a group stands in one partition, and what is there. */
export interface LagFacts {
  readonly committed: number
  /** Null: another broker leads the partition, and has not said. */
  readonly logStartOffset: number | null
  /** The high watermark. */
  readonly logEndOffset: number
  /** Null: not known. */
  readonly waiting: Waiting | null
  /** The first batch of the open transactions that hold the group back, if it reads committed records alone. */
  readonly heldBack: Arrival | null
}

/** How far a group is behind in one partition (docs/monitoring.md). */
export interface LagNumbers {
  /** Records up to the high watermark, markers and aborted ones counted; below 0: the offset is beyond the end. */
  readonly lag: number
  /** Whether there is anything that the group could get. Null: not known. */
  readonly waiting: boolean | null
  /** How long the first of what waits has been in the log. Null: not known, or the offset is beyond the end. */
  readonly lagSeconds: number | null
  readonly basis: Arrival['basis']
  readonly exact: boolean
  /** Records that were removed before the group has read them. */
  readonly lost: number
  /** How long an open transaction has been holding back all that waits. */
  readonly heldBackSeconds: number | null
}

export function lagNumbers(facts: LagFacts, now: number): LagNumbers {
  const { committed, logStartOffset, logEndOffset, waiting, heldBack } = facts
  const lag = lagOf(logEndOffset, committed) ?? 0
  const arrival = waiting?.kind === 'batch' ? waiting.arrival : null
  const isBeyond = lag < 0
  return {
    lag,
    waiting: waiting && waiting.kind === 'batch' && !isBeyond,
    lagSeconds: isBeyond || waiting === null ? null : arrival === null ? 0 : secondsSince(arrival.at, now),
    basis: arrival?.basis ?? 'arrival',
    exact: arrival?.isExact ?? true,
    lost: Math.max(0, (logStartOffset ?? 0) - committed),
    heldBackSeconds: heldBack && secondsSince(heldBack.at, now),
  }
}

/** To the millisecond. */
function secondsSince(at: number, now: number): number {
  return Math.max(0, Math.round(now - at)) / 1_000
}
