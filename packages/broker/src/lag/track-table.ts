import type { LagTrack } from '@rivven/groups'

const width = 17

/** The tracks of one group in the partitions of one topic: packed, as objects they take four times the memory. */
export class TrackTable {
  /** By slot. */
  readonly #partitions: number[] = []
  #numbers = new Float64Array(0)
  /** Partitions are asked for in the same order every time: the next one is in the next slot, as a rule. */
  #near = 0
  /** When the last track written here was sampled. */
  writtenAt = 0

  /** Into `track`; false: there is none. */
  read(partition: number, track: LagTrack): boolean {
    const slot = this.#slotOf(partition)
    if (slot < 0) return false
    const [numbers, at] = [this.#numbers, slot * width]
    track.offset = numbers[at]!
    track.committedAt = numbers[at + 1]!
    track.highest = numbers[at + 2]!
    track.progressAt = numbers[at + 3]!
    track.lag = numbers[at + 4]!
    track.shrankAt = numbers[at + 5]!
    track.commitGapMs = numbers[at + 6]!
    track.rewoundAt = numbers[at + 7]!
    track.change = numbers[at + 8]!
    track.seconds = numbers[at + 9]!
    track.samples = numbers[at + 10]!
    track.firstSeenAt = numbers[at + 11]!
    track.sampledAt = numbers[at + 12]!
    track.logStartOffset = numbers[at + 13]!
    track.lookedFrom = numbers[at + 14]!
    track.lookedEnd = numbers[at + 15]!
    track.lookedAt = numbers[at + 16]!
    return true
  }

  write(partition: number, track: LagTrack): void {
    const known = this.#slotOf(partition)
    const slot = known < 0 ? this.#add(partition) : known
    this.#near = (slot + 1) % this.#partitions.length
    this.writtenAt = track.sampledAt
    const [numbers, at] = [this.#numbers, slot * width]
    numbers[at] = track.offset
    numbers[at + 1] = track.committedAt
    numbers[at + 2] = track.highest
    numbers[at + 3] = track.progressAt
    numbers[at + 4] = track.lag
    numbers[at + 5] = track.shrankAt
    numbers[at + 6] = track.commitGapMs
    numbers[at + 7] = track.rewoundAt
    numbers[at + 8] = track.change
    numbers[at + 9] = track.seconds
    numbers[at + 10] = track.samples
    numbers[at + 11] = track.firstSeenAt
    numbers[at + 12] = track.sampledAt
    numbers[at + 13] = track.logStartOffset
    numbers[at + 14] = track.lookedFrom
    numbers[at + 15] = track.lookedEnd
    numbers[at + 16] = track.lookedAt
  }

  #slotOf(partition: number): number {
    return this.#partitions[this.#near] === partition ? this.#near : this.#partitions.indexOf(partition)
  }

  #add(partition: number): number {
    const slot = this.#partitions.push(partition) - 1
    if (this.#numbers.length < (slot + 1) * width) {
      // A little at a time: there are many tables, and most grow once.
      const larger = new Float64Array((slot + 1 + (slot >> 2)) * width)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    return slot
  }
}
