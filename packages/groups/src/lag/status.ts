import type { LagTrack } from './track.js'

/** From the best to the worst; the place is the value of the metric. */
export const statuses = ['OK', 'WARN', 'STALL', 'STOP', 'REWIND'] as const
export type Status = (typeof statuses)[number]

/** Why a group has stopped in a partition. */
const stopReasons = ['no members', 'no owner', 'member silent', 'no commits'] as const
export type StopReason = (typeof stopReasons)[number]
export const verdictReasons = [...stopReasons, 'catching up'] as const
export type VerdictReason = (typeof verdictReasons)[number]

/** So long a fallen offset is told of. */
const rewindMs = 3_600_000
/** What waits for less is nothing to warn of. */
const warnAgeMs = 30_000
const longestPatienceMs = 1_800_000
const gapsOfPatience = 3

export interface StatusQuestion {
  readonly now: number
  /** How long the first of what waits has been there; 0: nothing waits. */
  readonly ageMs: number
  /** `lag_window_ms` */
  readonly windowMs: number
  readonly hasMembers: boolean
}

/** How a group does in a partition, by the age of what waits (docs/monitoring.md). The first that holds. */
export function statusOf(track: LagTrack, { now, ageMs, windowMs, hasMembers }: StatusQuestion): Status {
  const patienceMs = patienceOf(track, windowMs)
  if (track.rewoundAt > 0 && now - track.rewoundAt <= rewindMs) return 'REWIND'
  // Members that this broker has just come to know had no chance to commit here before.
  const heardAt = hasMembers ? Math.max(track.committedAt, track.firstSeenAt) : track.committedAt
  if (ageMs > patienceMs && now - heardAt > patienceMs) return 'STOP'
  if (ageMs > patienceMs && now - Math.max(track.progressAt, 0) > patienceMs) return 'STALL'
  if (ageMs > warnAgeMs && now - track.shrankAt > patienceMs) return 'WARN'
  return 'OK'
}

/** For so long a group may take to do something. */
function patienceOf({ commitGapMs }: Pick<LagTrack, 'commitGapMs'>, windowMs: number): number {
  return Math.min(Math.max(windowMs, gapsOfPatience * commitGapMs), Math.max(longestPatienceMs, windowMs))
}

/** What is said of a group in a partition. */
export interface Verdict {
  readonly status: Status
  /** Why it has stopped, or that it catches up although much is old. */
  readonly reason: VerdictReason | null
}

/** `whyStopped` is asked where it has. */
export function verdictOn(track: LagTrack, question: StatusQuestion, whyStopped: () => StopReason): Verdict {
  const status = statusOf(track, question)
  const isOld = question.ageMs > patienceOf(track, question.windowMs)
  if (status === 'OK') return { status, reason: isOld ? 'catching up' : null }
  return { status, reason: status === 'STOP' ? whyStopped() : null }
}

/** `isSilent`: its owner fetches nothing there, as far as anybody knows. */
export function stopReasonOf(hasMembers: boolean, owner: string | null, isSilent = () => false): StopReason {
  if (!hasMembers) return 'no members'
  if (owner === null) return 'no owner'
  return isSilent() ? 'member silent' : 'no commits'
}

export function worseStatus(one: Status, other: Status): Status {
  return statuses.indexOf(one) > statuses.indexOf(other) ? one : other
}
