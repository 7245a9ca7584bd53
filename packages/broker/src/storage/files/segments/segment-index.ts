// Hot path: `note` runs for every append. Typed arrays: 16 bytes an entry, none for an object.

/** At most one entry for so many bytes of log, as Kafka's index.interval.bytes. */
const INTERVAL_BYTES = 4096

/** One entry says: the batch at `position` begins with `offset`; all batches before have timestamps up to `timeBefore`. */
export interface IndexEntry {
  offset: number
  position: number
  timeBefore: number
}

/** Sparse index of one segment, by offset and by time. */
export class SegmentIndex {
  readonly baseOffset: number
  length = 0
  private capacity = 0
  private offsets = new Uint32Array(0)
  private positions = new Uint32Array(0)
  private times = new Float64Array(0)
  private nextPosition = 0

  constructor(baseOffset: number) {
    this.baseOffset = baseOffset
  }

  get bytes(): number {
    return this.capacity * 16
  }

  /** A batch begins here; batches come in the order of their positions. */
  note(offset: number, position: number, timeBefore: number): void {
    if (position < this.nextPosition) return
    if (this.length === this.capacity) this.grow(Math.max(16, this.capacity * 2))
    this.offsets[this.length] = offset - this.baseOffset
    this.positions[this.length] = position
    this.times[this.length] = timeBefore
    this.length++
    this.nextPosition = position + INTERVAL_BYTES
  }

  entry(index: number): IndexEntry {
    const offset = this.baseOffset + this.offsets[index]!
    return { offset, position: this.positions[index]!, timeBefore: this.times[index]! }
  }

  /** Where to begin to look for an offset. */
  entryBefore(offset: number): IndexEntry {
    const index = lastIndex(this.length, (at) => this.baseOffset + this.offsets[at]! <= offset)
    return index < 0 ? { offset: this.baseOffset, position: 0, timeBefore: -1 } : this.entry(index)
  }

  /** Of the batch that begins at this place, if there is an entry for it. */
  offsetAt(position: number): number | undefined {
    const index = lastIndex(this.length, (at) => this.positions[at]! <= position)
    return index >= 0 && this.positions[index] === position ? this.entry(index).offset : undefined
  }

  /** The last entry whose batch begins at or before both; undefined: there is none. */
  lastBefore(position: number, offset: number): IndexEntry | undefined {
    const isBefore = (at: number) => this.positions[at]! <= position && this.baseOffset + this.offsets[at]! <= offset
    const index = lastIndex(this.length, isBefore)
    return index < 0 ? undefined : this.entry(index)
  }

  /** Where to begin to look for the first timestamp at or after this one. */
  entryBeforeTime(timestamp: number): IndexEntry {
    const index = lastIndex(this.length, (at) => this.times[at]! < timestamp)
    return index < 0 ? { offset: this.baseOffset, position: 0, timeBefore: -1 } : this.entry(index)
  }

  private grow(capacity: number): void {
    this.offsets = grown(this.offsets, new Uint32Array(capacity))
    this.positions = grown(this.positions, new Uint32Array(capacity))
    this.times = grown(this.times, new Float64Array(capacity))
    this.capacity = capacity
  }
}

/** The last of `count` places of which the claim is true; it is true up to one of them and false behind. */
function lastIndex(count: number, isTrue: (at: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isTrue(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}

function grown<T extends Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from)
  return into
}
