import type { GroupDescription } from '@rivven/client'
import {
  advanceTrack,
  beginTrack,
  blankTrack,
  catchUpOf,
  fadeRate,
  type LagSample,
  type LagTrack,
  patienceOf,
  type Rate,
  ratePerSecond,
  restartRate,
  type StopReason,
  statusOf,
} from '@rivven/groups'
import { partitionKey } from '../partition-key.js'
import type { LagRow } from './lag-row.js'

/** The default of `lag_window_ms` in Rivven's brokers. */
const windowMs = 120_000

/** What is remembered of one group in one partition from look to look. */
interface Watched {
  readonly track: LagTrack
  readonly produced: Rate
  end: number
}

/**
 * What no single look shows and no broker but Rivven's tells: rates, when a group will have caught up, and how it does
 * (docs/monitoring.md). By what is seen while somebody watches, so that none of it is known at the first looks, and when a commit
 * came only from one look to the next.
 */
export class WatchedLag {
  readonly #groups = new Map<string, Map<string, Watched>>()

  /** Rows of a look at `now`, in ms since 1970, with what they and those before tell. */
  seen(group: GroupDescription, rows: readonly LagRow[], now: number): LagRow[] {
    const before = this.#groups.get(group.groupId) ?? new Map<string, Watched>()
    const watched = new Map<string, Watched>()
    this.#groups.set(group.groupId, watched)
    return rows.map((row) => {
      if (row.currentOffset === null || row.logEndOffset === null) return row
      const name = partitionKey(row)
      const place = advanced(before.get(name), sampleOf(group, row, now), row.logEndOffset)
      watched.set(name, place)
      return told(group, row, place, now)
    })
  }
}

/** Commits have no time that every broker tells: they came by the look that saw them first. */
function sampleOf({ members, protocolType }: GroupDescription, row: LagRow, now: number): LagSample {
  const lag = Math.max(0, row.lag ?? 0)
  return {
    ...{ now, offset: row.currentOffset ?? 0, committedAt: now, lag, logStartOffset: 0 },
    ageMs: row.waiting === false ? 0 : Math.max(lag > 0 ? 1 : 0, (row.lagSeconds ?? 0) * 1_000),
    hasMembers: members.length > 0,
    assignsItself: protocolType === '',
  }
}

function advanced(known: Watched | undefined, sample: LagSample, end: number): Watched {
  if (!known) {
    const begun = { track: blankTrack(), produced: { change: 0, seconds: 0, samples: 1 }, end }
    beginTrack(begun.track, sample)
    return begun
  }
  const { track, produced } = known
  const seconds = (sample.now - track.sampledAt) / 1_000
  // A topic that was made anew begins at 0.
  if (end < known.end) restartRate(produced)
  else fadeRate(produced, end - known.end, seconds)
  advanceTrack(track, sample.offset === track.offset ? { ...sample, committedAt: track.committedAt } : sample)
  known.end = end
  return known
}

function told(group: GroupDescription, row: LagRow, { track, produced }: Watched, now: number): LagRow {
  const [consumedPerSecond, producedPerSecond] = [ratePerSecond(track), ratePerSecond(produced)]
  const lag = Math.max(0, row.lag ?? 0)
  return {
    ...row,
    ...{ consumedPerSecond, producedPerSecond },
    ...catchUpOf({ waits: row.waiting ?? lag > 0, lag, consumedPerSecond, producedPerSecond }),
    ...(row.lagSeconds === null ? {} : verdictOn(group, row, { track, ageMs: row.lagSeconds * 1_000, now })),
  }
}

function verdictOn(
  { members }: GroupDescription,
  { owner }: LagRow,
  { track, ageMs, now }: { track: LagTrack; ageMs: number; now: number },
): Pick<LagRow, 'status' | 'reason'> {
  const hasMembers = members.length > 0
  const status = statusOf(track, { now, ageMs, windowMs, hasMembers })
  if (status === 'OK') return { status, reason: ageMs > patienceOf(track, windowMs) ? 'catching up' : null }
  return { status, reason: status === 'STOP' ? reasonOf(hasMembers, owner) : null }
}

function reasonOf(hasMembers: boolean, owner: string | null): StopReason {
  if (!hasMembers) return 'no members'
  return owner === null ? 'no owner' : 'no commits'
}
