import { BATCH_HEADER_SIZE, batchSize, crc32c } from '@rivven/protocol'

/*
 * A journal is a file of entries, little endian:
 *   length of the rest (uint32), CRC-32C of what follows it (uint32), length of the name (uint16), name, whole batches
 */
const BODY_AT = 8
const NAME_AT = BODY_AT + 2

export interface JournalEntry {
  /** Folder of the partition. */
  name: string
  batches: Buffer[]
}

/** What goes in front of the batches of an entry. */
export function entryHead(name: string, batches: readonly Buffer[]): Buffer {
  const nameBytes = Buffer.byteLength(name)
  const head = Buffer.allocUnsafe(NAME_AT + nameBytes)
  head.writeUInt16LE(nameBytes, BODY_AT)
  head.write(name, NAME_AT)
  let crc = crc32c(head.subarray(BODY_AT))
  let length = head.length - 4
  for (const batch of batches) {
    crc = crc32c(batch, crc)
    length += batch.length
  }
  head.writeUInt32LE(length, 0)
  head.writeUInt32LE(crc, 4)
  return head
}

/** Bytes that are no entry, before one that is. */
export interface JournalDamage {
  readonly position: number
  readonly endPosition: number
}

/**
 * All sound entries. A bad place is a damage if a sound entry follows; else it is a write that did not come to its end, and
 * nothing behind it was ever called durable.
 */
export function readEntries(bytes: Buffer): { entries: JournalEntry[]; damages: JournalDamage[] } {
  const entries: JournalEntry[] = []
  const damages: JournalDamage[] = []
  const filled = bytes.findLastIndex((byte) => byte !== 0) + 1
  for (let at = 0; at < filled; ) {
    const entry = soundAt(bytes, at)
    if (entry) entries.push(entry)
    const next = entry?.end ?? nextSound(bytes, at, filled)
    if (next === undefined) break
    if (!entry) damages.push({ position: at, endPosition: next })
    at = next
  }
  return { entries, damages }
}

/** Where the next sound entry begins. What fits together is passed as a whole: records may hold what looks like an entry. */
function nextSound(bytes: Buffer, bad: number, filled: number): number | undefined {
  for (let at = claimedAt(bytes, bad)?.end ?? bad + 1; at < filled; at++) if (soundAt(bytes, at)) return at
  return undefined
}

function soundAt(bytes: Buffer, at: number) {
  const entry = claimedAt(bytes, at)
  if (entry === undefined) return undefined
  return crc32c(bytes.subarray(at + BODY_AT, entry.end)) === bytes.readUInt32LE(at + 4) ? entry : undefined
}

/** What lies there if its lengths are right, undefined if they do not fit together; the checksum is not looked at. */
function claimedAt(bytes: Buffer, at: number): (JournalEntry & { end: number }) | undefined {
  if (at + NAME_AT > bytes.length) return undefined
  const end = at + 4 + bytes.readUInt32LE(at)
  const batchesAt = at + NAME_AT + bytes.readUInt16LE(at + BODY_AT)
  if (end > bytes.length || batchesAt >= end) return undefined
  const batches = batchesIn(bytes, batchesAt, end)
  return batches && { name: bytes.toString('utf8', at + NAME_AT, batchesAt), batches, end }
}

function batchesIn(bytes: Buffer, from: number, to: number): Buffer[] | undefined {
  const batches: Buffer[] = []
  for (let at = from; at < to; ) {
    const size = to - at < BATCH_HEADER_SIZE ? 0 : batchSize(bytes, at)
    if (size < BATCH_HEADER_SIZE || size > to - at) return undefined
    batches.push(bytes.subarray(at, at + size))
    at += size
  }
  return batches
}
