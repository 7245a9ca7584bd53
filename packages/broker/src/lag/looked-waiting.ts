import type { LagTrack } from '@rivven/groups'
import type { Waiting } from '../log/arrival/waiting.js'
import type { Standing } from './standings.js'
import { type Isolation, knownWaiting, type Looks, look } from './what-waits.js'

/** What waits for a group: from memory, from an earlier look, or by one that its track remembers. */
export function lookedWaiting(
  standing: Standing,
  track: LagTrack,
  looks: Looks,
  isolation: Isolation,
): Waiting | null | Promise<Waiting | null> {
  const { log, committed, logStartOffset } = standing
  const known = knownWaiting(standing, isolation)
  if (!log || known !== undefined) return known ?? null
  const start = Math.max(committed.offset, logStartOffset ?? 0)
  const isLooked = track.lookedFrom === keyOf(start, isolation)
  if (isLooked && track.lookedAt > 0) {
    return { kind: 'batch', baseOffset: start, arrival: { at: track.lookedAt, basis: 'arrival', isExact: true } }
  }
  const place = { offset: isLooked ? track.lookedEnd : start, isolation }
  if (looks.left <= 0) return log.guessWaiting(place)
  return look({ log, place }, looks).then((found) => {
    if (found) note(track, keyOf(start, isolation), found)
    return found
  })
}

/** One number for where a reader stands and what it reads. */
function keyOf(start: number, isolation: Isolation): number {
  return isolation === 'committed' ? start + 0.5 : start
}

function note(track: LagTrack, key: number, found: Waiting): void {
  track.lookedFrom = key
  track.lookedAt = found.kind === 'batch' ? found.arrival.at : 0
  track.lookedEnd = found.kind === 'nothing' ? found.end : -1
}
