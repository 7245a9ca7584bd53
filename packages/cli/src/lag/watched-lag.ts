import type { GroupDescription } from '@rivven/client'
import {
  advanceTrack,
  beginTrack,
  blankTrack,
  catchUpOf,
  type LagSample,
  type LagTrack,
  OffsetRates,
  ratePerSecond,
  stopReasonOf,
  verdictOn,
} from '@rivven/groups'
import { partitionKey } from '../partition-key.js'
import type { LagRow } from './lag-row.js'

/** The default of `lag_window_ms` in Rivven's brokers. */
const windowMs = 120_000

/** What is remembered of one group from look to look. */
class WatchedGroup {
  readonly produced = new OffsetRates()
  tracks: ReadonlyMap<string, LagTrack> = new Map()
}

/**
 * What no single look shows and no broker but Rivven's tells: rates, when a group will have caught up, and how it does
 * (docs/monitoring.md). By what is seen while somebody watches, so that none of it is known at the first looks, and when a commit
 * came only from one look to the next.
 */
export class WatchedLag {
  readonly #groups = new Map<string, WatchedGroup>()

  /** Rows of a look at `now`, in ms since 1970, with what they and those before tell. */
  seen(group: GroupDescription, rows: readonly LagRow[], now: number): LagRow[] {
    const known = this.#groups.get(group.groupId) ?? new WatchedGroup()
    this.#groups.set(group.groupId, known)
    const tracks = new Map<string, LagTrack>()
    const told = rows.map((row) => {
      if (row.currentOffset === null || row.logEndOffset === null) return row
      const key = partitionKey(row)
      const track = advanced(known.tracks.get(key), sampleOf(group, row, now))
      tracks.set(key, track)
      known.produced.sample(row.topic, row.partition, row.logEndOffset, now)
      return withTold(group, row, { track, producedPerSecond: known.produced.of(row.topic, row.partition), now })
    })
    known.tracks = tracks
    known.produced.dropBefore(now)
    return told
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

function advanced(known: LagTrack | undefined, sample: LagSample): LagTrack {
  const track = known ?? blankTrack()
  if (!known) beginTrack(track, sample)
  else advanceTrack(track, sample.offset === track.offset ? { ...sample, committedAt: track.committedAt } : sample)
  return track
}

function withTold(
  { members }: GroupDescription,
  row: LagRow,
  { track, producedPerSecond, now }: { track: LagTrack; producedPerSecond: number | null; now: number },
): LagRow {
  const consumedPerSecond = ratePerSecond(track)
  const lag = Math.max(0, row.lag ?? 0)
  const rates = { consumedPerSecond, producedPerSecond }
  const told = { ...row, ...rates, ...catchUpOf({ waits: row.waiting ?? lag > 0, lag, ...rates }) }
  if (row.lagSeconds === null) return told
  const hasMembers = members.length > 0
  const question = { now, ageMs: row.lagSeconds * 1_000, windowMs, hasMembers }
  return { ...told, ...verdictOn(track, question, () => stopReasonOf(hasMembers, row.owner)) }
}
