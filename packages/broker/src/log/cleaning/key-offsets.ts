import type { LazyRecord } from '@rivven/protocol'

/** What a Map entry costs beside its key, about. */
const ENTRY_BYTES = 64

/** The highest offset of each key in the part of a log that is being cleaned. */
export class KeyOffsets {
  private readonly offsets = new Map<string, number>()
  private readonly maxBytes: number
  private bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Full: what comes later is left for the next pass. */
  get isFull(): boolean {
    return this.bytes >= this.maxBytes
  }

  add(record: LazyRecord): void {
    const name = keyOf(record)
    if (!this.offsets.has(name)) this.bytes += name.length + ENTRY_BYTES
    this.offsets.set(name, record.offset)
  }

  /** Whether a later record has the same key. */
  hasLater(record: LazyRecord): boolean {
    return (this.offsets.get(keyOf(record)) ?? -1) > record.offset
  }
}

/** One character a byte: equal keys, and only they, make equal strings. */
function keyOf(record: LazyRecord): string {
  return record.key!.toString('latin1')
}
