import { BATCH_HEADER_SIZE, batchSize, crc32c } from '@rivven/protocol'

/*
 * A journal is a file of entries, little endian:
 *   length up to the mark (uint32), CRC-32C of what follows it (uint32), length of the name (uint16), name, whole batches,
 *   mark
 * Entries of earlier brokers have no mark.
 */
export const BODY_AT = 8
export const NAME_AT = BODY_AT + 2

/** The last bytes of an entry: where they are, the write came to its end. No zeros, and no length of an entry. */
export const ENTRY_END = Buffer.from([0xfe, 0x45, 0x6e, 0x64])

export interface JournalEntry {
  /** Folder of the partition. */
  name: string
  batches: Buffer[]
}

/** What is in an entry, and where the next one begins. */
export interface FoundEntry extends JournalEntry {
  end: number
  isMarked: boolean
}

/** An entry in pieces: what goes in front of the batches, they, and what comes behind. */
export function entryOf(name: string, batches: readonly Buffer[]): Buffer[] {
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
  return [head, ...batches, ENTRY_END]
}

/** The entry at a place, undefined if there is none that is sound. */
export function soundAt(bytes: Buffer, at: number): FoundEntry | undefined {
  const claimed = claimedAt(bytes, at)
  if (claimed === undefined) return undefined
  const { end } = claimed
  if (crc32c(bytes.subarray(at + BODY_AT, end)) !== bytes.readUInt32LE(at + 4)) return undefined
  const isMarked = isMarkAt(bytes, end)
  return { ...claimed, isMarked, end: isMarked ? end + ENTRY_END.length : end }
}

/** What lies there, without its mark, if its lengths are right, undefined if they do not fit together; the checksum is not looked at. */
export function claimedAt(bytes: Buffer, at: number): (JournalEntry & { end: number }) | undefined {
  if (at + NAME_AT > bytes.length) return undefined
  const end = at + 4 + bytes.readUInt32LE(at)
  const batchesAt = at + NAME_AT + bytes.readUInt16LE(at + BODY_AT)
  if (end > bytes.length || batchesAt >= end) return undefined
  const batches = batchesIn(bytes, batchesAt, end)
  return batches && { name: bytes.toString('utf8', at + NAME_AT, batchesAt), batches, end }
}

export function isMarkAt(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at, at + ENTRY_END.length).equals(ENTRY_END)
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
