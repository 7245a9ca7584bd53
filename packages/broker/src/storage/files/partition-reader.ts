// Hot path: every read of a partition. From memory if it is there, else from files, at once if they are at hand.
import type { SegmentList } from '../segment-list.js'
import type { StoredBatches, StoredRange } from '../storage.js'
import type { Tail } from '../tail-cache.js'
import type { FileContext } from './file-context.js'
import { sliceSegment } from './file-slice.js'
import { verifySegment } from './recovery/verify-segment.js'
import { readSegment, readSegmentNow } from './segment-reader.js'
import type { FileSegment } from './segments/file-segment.js'

export interface ReadPartition {
  readonly segments: SegmentList<FileSegment>
  readonly tail: Tail
  /** The operating system has everything before this offset. */
  writtenOffset(): number
}

/** Reads one partition: its tail in memory, and its segments. */
export class PartitionReader {
  readonly #context: FileContext
  readonly #partition: ReadPartition

  constructor(context: FileContext, partition: ReadPartition) {
    this.#context = context
    this.#partition = partition
  }

  read(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    this.#partition.tail.follow(this.#context.clock.monotonic())
    return this.peek(range)
  }

  peek(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    const endOffset = Math.min(range.endOffset, this.#partition.writtenOffset())
    const bounded = endOffset === range.endOffset ? range : { ...range, endOffset }
    const { mayHold = Infinity } = bounded
    return bounded.maxBytes > mayHold ? this.#readOrSlice(bounded, mayHold) : this.#readIntoMemory(bounded)
  }

  /** Reads and checks all of a segment, as far as it is written. */
  verify(segment: FileSegment): Promise<void> {
    const isActive = segment === this.#partition.segments.active
    const reach = isActive ? { size: segment.writtenSize, nextOffset: this.#partition.writtenOffset() } : segment
    return verifySegment(this.#context, segment, reach)
  }

  #readIntoMemory(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    return this.#partition.tail.read(range) ?? this.#readFilesNow(range) ?? this.#readFiles(range)
  }

  /** As much of the range in memory as may be, if that is all there is; else a slice, as far as one can be had. */
  #readOrSlice(range: StoredRange, mayHold: number): StoredBatches | Promise<StoredBatches> {
    const inMemory = { ...range, maxBytes: mayHold }
    const segment = this.#partition.segments.firstOf(range)
    if (segment === undefined || segment.bytesFrom(range.offset) <= mayHold) return this.#readIntoMemory(inMemory)
    return this.#slice(segment, range).then((slice) => slice ?? this.#readIntoMemory(inMemory))
  }

  async #slice(segment: FileSegment, range: StoredRange): Promise<StoredBatches | undefined> {
    try {
      return await sliceSegment(this.#context, segment, range)
    } catch (error) {
      if (!segment.isGone) throw error
      return undefined
    }
  }

  #readFilesNow(range: StoredRange): StoredBatches | undefined {
    const segment = this.#partition.segments.firstOf(range)
    return segment && readSegmentNow(this.#context, segment, range)
  }

  async #readFiles(range: StoredRange): Promise<StoredBatches> {
    for (const segment of this.#partition.segments.all) {
      if (segment.nextOffset <= range.offset || segment.baseOffset >= range.endOffset) continue
      try {
        const found = await this.#readSegment(segment, range)
        if (found !== undefined) return found
      } catch (error) {
        if (!segment.isGone) throw error
      }
      // Removed or rewritten while it was read: look again.
      if (segment.isGone) return this.read(range)
    }
    return { buffers: [], size: 0, nextOffset: range.offset }
  }

  /** What does not fit together is checked as a whole, once; then it is known what can be read. */
  async #readSegment(segment: FileSegment, range: StoredRange): Promise<StoredBatches | undefined> {
    const found = await readSegment(this.#context, segment, range)
    if (found !== 'doubtful') return found
    if (segment.isGone) return undefined
    await this.verify(segment)
    const again = await readSegment(this.#context, segment, range)
    if (again !== 'doubtful') return again
    throw new Error(`${segment.handle.path} cannot be read at offset ${range.offset}.`)
  }
}
