/** A leadership and the first offset it could write. */
export interface EpochEntry {
  epoch: number
  startOffset: number
}

const UNKNOWN = -1

/** Which leader epoch wrote which offsets (data-plane.md §11). */
export class EpochHistory {
  private entries: EpochEntry[] = []

  get all(): readonly EpochEntry[] {
    return this.entries
  }

  get newest(): number {
    return this.entries.at(-1)?.epoch ?? UNKNOWN
  }

  /** A new leadership begins at this offset. One that has written nothing leaves no trace. */
  begin(epoch: number, startOffset: number): void {
    if (epoch <= this.newest) return
    while (this.entries.length > 0 && this.entries.at(-1)!.startOffset >= startOffset) this.entries.pop()
    this.entries.push({ epoch, startOffset })
  }

  /** OffsetForLeaderEpoch. */
  endOffsetOf(epoch: number, logEndOffset: number): { leaderEpoch: number; endOffset: number } {
    const isUnknown = epoch === UNKNOWN || epoch > this.newest || this.entries.length === 0
    if (isUnknown) return { leaderEpoch: UNKNOWN, endOffset: UNKNOWN }
    if (epoch === this.newest) return { leaderEpoch: epoch, endOffset: logEndOffset }
    const next = this.entries.findIndex((entry) => entry.epoch > epoch)
    if (next === 0) return { leaderEpoch: epoch, endOffset: this.entries[0]!.startOffset }
    return { leaderEpoch: this.entries[next - 1]!.epoch, endOffset: this.entries[next]!.startOffset }
  }

  /** The epoch that wrote an offset, -1 if that is not known. */
  epochAt(offset: number): number {
    return this.entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? UNKNOWN
  }

  /** Forgets epochs that have nothing left at or after the start of the log. */
  dropBefore(logStartOffset: number): void {
    const kept = this.entries.findLastIndex((entry) => entry.startOffset <= logStartOffset)
    if (kept < 0) return
    this.entries = this.entries.slice(kept)
    this.entries[0] = { epoch: this.entries[0]!.epoch, startOffset: logStartOffset }
  }

  clear(): void {
    this.entries = []
  }
}
