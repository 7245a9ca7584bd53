import {
  BATCH_HEADER_SIZE,
  batchBaseOffset,
  batchLastOffsetDelta,
  batchLeaderEpoch,
  batchMagic,
  batchNextOffset,
  batchSize,
  isBatchCrcRight,
} from '@rivven/protocol'
import type { SegmentIndex } from './segment-index.js'

/** Kafka's limit: offsets of a segment lie within 31 bits of its base. */
const MAX_OFFSET_RANGE = 2 ** 31

export interface Bounds {
  /** The first offset that may come. */
  from: number
  /** One past the last: where the next segment begins; undefined if nothing says. */
  to: number | undefined
  /** No batch was written under a later leader epoch. */
  maxEpoch: number
  /** An offset at which the log was known to go on, whatever came before (checkpoint). */
  knownOffset?: number | undefined
  /** An index of the segment that is right as it stands: where it knows a batch, its offset is the one it says. */
  witness?: SegmentIndex | undefined
}

/**
 * Which batches of a segment are sound, one after the other. The CRC covers neither base offset nor length, magic and leader
 * epoch: these have to fit what is around them. Offsets go on without a gap, but where compaction has left one.
 */
export class SoundBatches {
  /** Where the next batch begins, if nothing is missing. */
  expected: number
  readonly #to: number | undefined
  readonly #maxOffset: number
  readonly #maxEpoch: number
  readonly #knownOffset: number | undefined
  readonly #witness: SegmentIndex | undefined

  constructor({ from, to, maxEpoch, knownOffset, witness }: Bounds) {
    this.expected = from
    this.#to = to
    this.#maxOffset = to ?? from + MAX_OFFSET_RANGE
    this.#maxEpoch = maxEpoch
    this.#knownOffset = knownOffset
    this.#witness = witness
  }

  /**
   * Whether this batch may come next at a place of its file; then the one behind it is expected. `follower`: bytes of the
   * one behind, if any.
   */
  take(batch: Buffer, position: number, follower: Buffer | undefined): boolean {
    const base = batchBaseOffset(batch)
    if (base < this.expected || !this.#isPossible(batch)) return false
    if ((this.#witness?.offsetAt(position) ?? base) !== base) return false
    if (base > this.expected && !this.#mayFollowGap(base, batchNextOffset(batch), follower)) return false
    if (!isBatchCrcRight(batch)) return false
    this.expected = batchNextOffset(batch)
    return true
  }

  /** Whether a batch may begin at this place behind damage: enough to look at its CRC. */
  mayBegin(chunk: Buffer, at: number): boolean {
    if (chunk[at + 16] !== 2 || batchSize(chunk, at) < BATCH_HEADER_SIZE) return false
    return batchBaseOffset(chunk, at) >= this.expected && this.#isPossible(chunk, at)
  }

  #isPossible(bytes: Buffer, at = 0): boolean {
    const epoch = batchLeaderEpoch(bytes, at)
    return (
      batchMagic(bytes, at) === 2 &&
      batchLastOffsetDelta(bytes, at) >= 0 &&
      batchNextOffset(bytes, at) <= this.#maxOffset &&
      epoch >= 0 &&
      epoch <= this.#maxEpoch
    )
  }

  /** The base offset has no checksum: that the next batch goes on behind it has to speak for it. */
  #mayFollowGap(base: number, next: number, follower: Buffer | undefined): boolean {
    if (follower === undefined) return this.#to !== undefined || base === this.#knownOffset
    const behind = batchBaseOffset(follower)
    return behind >= next && behind < this.#maxOffset
  }
}
