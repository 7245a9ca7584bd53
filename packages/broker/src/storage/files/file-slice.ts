import {
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  batchMagic,
  batchNextOffset,
  batchSize,
  type LaterBytes,
} from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'
import type { StoredBatches, StoredRange } from '../storage.js'
import type { FileContext } from './file-context.js'
import type { FileSegment } from './segments/file-segment.js'
import type { KeptFile } from './segments/open-files.js'
import type { SegmentIndex } from './segments/segment-index.js'
import { SliceCheck } from './slice-check.js'

/** Heads of batches are looked for in pieces of this size: index entries are half as far apart. */
const HEADS_BYTES = 8192

/** Part of a segment, read from its beginning to its end while it is sent. The segment may be removed or rewritten meanwhile. */
class FileSlice implements LaterBytes {
  readonly length: number
  readonly #kept: KeptFile
  readonly #segment: FileSegment
  readonly #from: number
  readonly #check: SliceCheck

  constructor(
    kept: KeptFile,
    segment: FileSegment,
    { from, to, check }: { from: number; to: number; check: SliceCheck },
  ) {
    this.#kept = kept
    this.#segment = segment
    this.#from = from
    this.length = to - from
    this.#check = check
  }

  async read(position: number, target: Uint8Array): Promise<void> {
    const count = await this.#kept.file.read(target, this.#from + position)
    const isEnd = position + count === this.length
    if (count === target.length && this.#check.passes(target) && (!isEnd || this.#check.isBetween)) return
    // The next who reads here reads into memory, finds what is damaged and is told.
    this.#segment.isDoubtful = true
    const at = this.#from + position
    throw new Error(`${this.#segment.handle.path}: from byte ${at} to ${at + target.length} something is damaged.`)
  }

  release(): void {
    this.#kept.release()
  }
}

/**
 * Whole batches of one segment without reading them: where they begin and end is known from its index. A little less than
 * the range may be given; undefined where that is nothing, or too many files are kept open already.
 */
export async function sliceSegment(
  context: FileContext,
  segment: FileSegment,
  range: StoredRange,
): Promise<StoredBatches | undefined> {
  const index = await context.indexes.of(segment)
  // The reader knows what to leave out.
  if (segment.isDamaged || segment.isDoubtful) return undefined
  const kept = await context.files.keep(segment.handle)
  if (kept === undefined) return undefined
  let slice: StoredBatches | undefined
  try {
    slice = await cutOut(kept, { context, index, segment, range })
  } finally {
    if (slice === undefined) kept.release()
  }
  return slice
}

interface Cut {
  context: FileContext
  index: SegmentIndex
  segment: FileSegment
  range: StoredRange
}

async function cutOut(kept: KeptFile, { context, index, segment, range }: Cut): Promise<StoredBatches | undefined> {
  const from = await beginOf(kept.file, index, segment, range.offset)
  if (from === undefined) return undefined
  const end = endOf(index, segment, from, range) ?? (await endOfOne(kept.file, from, range))
  if (end === undefined) return undefined
  const expected = index.entryBefore(range.offset).offset
  const place = { expected, isExact: false, maxOffset: end.offset, maxEpoch: context.newestTerm }
  const later = new FileSlice(kept, segment, { from, to: end.position, check: new SliceCheck(place) })
  return { buffers: [], later, size: later.length, nextOffset: end.offset }
}

/** Where the first batch that ends after the offset begins. */
async function beginOf(
  file: DiskFile,
  index: SegmentIndex,
  segment: FileSegment,
  offset: number,
): Promise<number | undefined> {
  const entry = index.lastBefore(Infinity, offset)
  if (entry?.offset === offset) return entry.position
  const heads = Buffer.allocUnsafe(HEADS_BYTES)
  let position = entry?.position ?? 0
  while (position + BATCH_HEADER_SIZE <= segment.writtenSize) {
    const count = await file.read(heads, position)
    const passed = passBatches(heads.subarray(0, count), offset)
    position += passed.bytes
    if (passed.isFound) return position
    if (passed.bytes === 0) return undefined
  }
  return undefined
}

/** How many bytes of batches end at or before the offset, as far as their heads are there. */
function passBatches(heads: Buffer, offset: number): { bytes: number; isFound: boolean } {
  let at = 0
  while (at + BATCH_HEADER_SIZE <= heads.length) {
    if (batchNextOffset(heads, at) > offset) return { bytes: at, isFound: true }
    const size = batchSize(heads, at)
    if (size < BATCH_MAGIC_END || batchMagic(heads, at) !== 2) break
    at += size
  }
  return { bytes: at, isFound: false }
}

interface BatchEnd {
  position: number
  /** The first offset behind it that is stored, or may be. */
  offset: number
}

/** The end of the last batch that fits, as far as the index tells. */
function endOf(index: SegmentIndex, segment: FileSegment, from: number, range: StoredRange): BatchEnd | undefined {
  const { endOffset, maxBytes } = range
  // What is before `endOffset` has been written.
  if (segment.nextOffset <= endOffset && segment.size - from <= maxBytes)
    return { position: segment.size, offset: segment.nextOffset }
  const last = index.lastBefore(from + maxBytes, endOffset)
  return last && last.position > from ? last : undefined
}

/** The end of the batch that begins there, however large, where one must be given. */
async function endOfOne(file: DiskFile, from: number, range: StoredRange): Promise<BatchEnd | undefined> {
  if (!range.atLeastOne) return undefined
  const head = Buffer.allocUnsafe(BATCH_HEADER_SIZE)
  if ((await file.read(head, from)) < BATCH_HEADER_SIZE) return undefined
  const end = { position: from + batchSize(head), offset: batchNextOffset(head) }
  return end.offset <= range.endOffset ? end : undefined
}
