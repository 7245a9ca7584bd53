import { fadeRate, type Rate, restartRate } from './rate.js'

/** What is remembered of one group in one partition from sample to sample. Plain numbers: there may be a hundred thousand of them. */
export interface LagTrack extends Rate {
  /** Committed at the last sample, and when, in ms since 1970 (as all times here). */
  offset: number
  committedAt: number
  /** The highest offset committed since an administrator has moved it. */
  highest: number
  /** When the offset rose last. */
  progressAt: number
  /** Records at the last sample. */
  lag: number
  /** When fewer records than a sample before were left, or nothing waited. */
  shrankAt: number
  /** Usual time between two commits while something waited, in ms; 0: not known. */
  commitGapMs: number
  /** When the offset fell; 0: it has come back, or never fell. */
  rewoundAt: number
  firstSeenAt: number
  sampledAt: number
  logStartOffset: number
  /** What a look at the log has shown: nothing waits for who stands at `lookedFrom` before `lookedEnd`, or what came at `lookedAt` (0: nothing). */
  lookedFrom: number
  lookedEnd: number
  lookedAt: number
}

/** What a sample finds. */
export interface LagSample {
  readonly now: number
  readonly offset: number
  readonly committedAt: number
  readonly lag: number
  /** How long the first of what waits has been there; 0: nothing waits. */
  readonly ageMs: number
  readonly logStartOffset: number
  /** The group has members: without, an administrator has moved the offset, or a consumer that takes its partitions itself. */
  readonly hasMembers: boolean
  /** It never had any. */
  readonly assignsItself: boolean
}

/** How fast the usual time between commits follows what is seen. */
const gapShare = 0.3

export function blankTrack(): LagTrack {
  return {
    offset: 0,
    committedAt: 0,
    highest: 0,
    progressAt: 0,
    lag: 0,
    shrankAt: 0,
    commitGapMs: 0,
    rewoundAt: 0,
    change: 0,
    seconds: 0,
    samples: 0,
    firstSeenAt: 0,
    sampledAt: 0,
    logStartOffset: 0,
    lookedFrom: -1,
    lookedEnd: -1,
    lookedAt: 0,
  }
}

/** Takes in the first sample. */
export function beginTrack(track: LagTrack, { now, offset, committedAt, lag, logStartOffset }: LagSample): void {
  track.highest = offset
  track.progressAt = committedAt
  track.shrankAt = now
  track.commitGapMs = 0
  track.rewoundAt = 0
  track.firstSeenAt = now
  restartRate(track)
  note(track, { now, offset, committedAt, lag, logStartOffset })
}

/** Takes in the next sample. */
export function advanceTrack(track: LagTrack, sample: LagSample): void {
  noteCommit(track, sample)
  if (sample.ageMs === 0 || sample.lag < track.lag) track.shrankAt = sample.now
  note(track, sample)
}

function note(
  track: LagTrack,
  sample: Pick<LagSample, 'now' | 'offset' | 'committedAt' | 'lag' | 'logStartOffset'>,
): void {
  track.sampledAt = sample.now
  track.offset = sample.offset
  track.committedAt = sample.committedAt
  track.lag = sample.lag
  track.logStartOffset = sample.logStartOffset
}

function noteCommit(track: LagTrack, { now, offset, committedAt, ageMs, hasMembers, assignsItself }: LagSample): void {
  const moved = offset - track.offset
  const gapMs = committedAt - track.committedAt
  if (gapMs > 0 && track.lag > 0 && ageMs > 0)
    track.commitGapMs += (track.commitGapMs === 0 ? 1 : gapShare) * (gapMs - track.commitGapMs)
  if (moved > 0) track.progressAt = Math.max(committedAt, track.progressAt)
  if (!hasMembers && (moved < 0 || (moved > 0 && !assignsItself))) {
    moveByHand(track, offset, now)
  } else if (moved < 0) {
    track.rewoundAt = now
    restartRate(track)
  } else {
    fadeRate(track, moved, (now - track.sampledAt) / 1_000)
    track.highest = Math.max(track.highest, offset)
    if (offset >= track.highest) track.rewoundAt = 0
  }
}

function moveByHand(track: LagTrack, offset: number, now: number): void {
  track.highest = offset
  track.rewoundAt = 0
  track.progressAt = now
  restartRate(track)
}
