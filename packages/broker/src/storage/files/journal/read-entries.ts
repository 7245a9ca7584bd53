import { BATCH_HEADER_SIZE, batchBaseOffset, batchSize } from '@rivven/protocol'
import { claimedOffsets } from '../segments/claimed-offsets.js'
import { BODY_AT, claimedAt, ENTRY_END, isMarkAt, type JournalEntry, NAME_AT, soundAt } from './journal-file.js'

/** A disk puts down so many bytes as a whole, or not at all. */
const SECTOR = 512

/** Bytes that are no entry, but were written as some. */
export interface JournalDamage {
  readonly position: number
  readonly endPosition: number
  /** As far as it can be read. */
  readonly claims: readonly JournalClaim[]
}

/** What a damaged entry seems to have had. */
export interface JournalClaim {
  readonly name: string
  readonly fromOffset: number
  readonly toOffset: number
}

interface Place {
  position: number
  endPosition: number
}

/**
 * All sound entries, and what is damaged. A bad place that was written to its end is damage, also behind all others: a flush
 * is answered when it is on the disk, so somebody may count on it. Any other is a write that a power cut has cut short,
 * and was never called durable.
 */
export function readEntries(bytes: Buffer): { entries: JournalEntry[]; damages: JournalDamage[] } {
  const entries: JournalEntry[] = []
  const damages: JournalDamage[] = []
  const filled = bytes.findLastIndex((byte) => byte !== 0) + 1
  for (let at = 0; at < filled; ) {
    const entry = soundAt(bytes, at)
    if (entry) {
      entries.push({ name: entry.name, batches: entry.batches })
      at = entry.end
      continue
    }
    const next = nextSound(bytes, at, filled)
    const place = { position: at, endPosition: next ?? filled }
    if (isWhole(bytes, place) || isUnmarked(bytes, next)) damages.push({ ...place, claims: claimsIn(bytes, place) })
    if (next === undefined) break
    at = next
  }
  return { entries, damages }
}

/** Where the next sound entry begins. What fits together is passed as a whole: records may hold what looks like an entry. */
function nextSound(bytes: Buffer, bad: number, filled: number): number | undefined {
  for (let at = claimedAt(bytes, bad)?.end ?? bad + 1; at < filled; at++) if (soundAt(bytes, at)) return at
  return undefined
}

/** Its end is there, and no part is missing that a disk writes as a whole. Records full of zeros look as if it were. */
function isWhole(bytes: Buffer, { position, endPosition }: Place): boolean {
  const markAt = endPosition - ENTRY_END.length
  if (markAt < position || !isMarkAt(bytes, markAt)) return false
  for (let at = position; at < endPosition; ) {
    const end = Math.min(endPosition, at - (at % SECTOR) + SECTOR)
    if (isZero(bytes, at, end)) return false
    at = end
  }
  return true
}

function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}

/** Of an earlier broker, whose entries do not say where they end. */
function isUnmarked(bytes: Buffer, at: number | undefined): boolean {
  return at !== undefined && soundAt(bytes, at)?.isMarked === false
}

/** Offsets that a damaged place has had, as far as names and headers of batches make sense. */
function claimsIn(bytes: Buffer, { position, endPosition }: Place): JournalClaim[] {
  const claims: JournalClaim[] = []
  for (let at = position; at + NAME_AT < endPosition; ) {
    const nameEnd = at + NAME_AT + bytes.readUInt16LE(at + BODY_AT)
    const name = bytes.toString('utf8', at + NAME_AT, Math.min(nameEnd, endPosition))
    const end = claimBatches(bytes, { position: nameEnd, endPosition }, name, claims)
    if (end === undefined || !isMarkAt(bytes, end)) break
    at = end + ENTRY_END.length
  }
  return claims
}

/** Adds what the batches of one entry claim. Returns where they end, undefined where that cannot be told. */
function claimBatches(bytes: Buffer, place: Place, name: string, claims: JournalClaim[]): number | undefined {
  for (let at = place.position; ; ) {
    if (at > place.position && isMarkAt(bytes, at)) return at
    const room = place.endPosition - at
    if (room < BATCH_HEADER_SIZE) return undefined
    const size = batchSize(bytes, at)
    const isPossible = size >= BATCH_HEADER_SIZE && size <= room
    const count = claimedOffsets(bytes.subarray(at), isPossible ? size : room)
    const fromOffset = batchBaseOffset(bytes, at)
    if (count !== undefined) claims.push({ name, fromOffset, toOffset: fromOffset + count })
    if (!isPossible) return undefined
    at += size
  }
}
