import { batchSize, crc32c } from '@rivven/protocol'

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

/** The entries up to the first that is not whole: behind it nothing was ever called durable. */
export function* entriesOf(bytes: Buffer): Iterable<JournalEntry> {
  for (let at = 0; at + NAME_AT <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at)
    if (end < at + NAME_AT || end > bytes.length) return
    if (crc32c(bytes.subarray(at + BODY_AT, end)) !== bytes.readUInt32LE(at + 4)) return
    const batchesAt = at + NAME_AT + bytes.readUInt16LE(at + BODY_AT)
    yield { name: bytes.toString('utf8', at + NAME_AT, batchesAt), batches: batchesIn(bytes, batchesAt, end) }
    at = end
  }
}

function batchesIn(bytes: Buffer, from: number, to: number): Buffer[] {
  const batches: Buffer[] = []
  for (let at = from; at < to; at += batchSize(bytes, at)) batches.push(bytes.subarray(at, at + batchSize(bytes, at)))
  return batches
}
