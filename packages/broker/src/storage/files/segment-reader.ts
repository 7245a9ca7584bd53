// Hot path: every fetch that memory cannot serve. One read of what the fetch may carry, into memory of its own, cut to whole
// batches without copying; index entries are 4 KiB apart, so little is read in vain (bench/micro/log.mjs).
import { BATCH_HEADER_SIZE, batchBaseOffset, batchNextOffset, batchSize } from '@rivven/protocol'
import { readBuffers } from '../../read-buffers.js'
import type { StoredBatches, StoredRange } from '../storage.js'
import { damageError } from './damage.js'
import type { FileContext } from './file-context.js'
import type { FileSegment } from './segments/file-segment.js'
import { type Expectation, isPossibleBatch } from './segments/possible-batch.js'
import type { SegmentIndex } from './segments/segment-index.js'

/** The batch that holds an offset may begin so far behind its index entry, and more if batches are large. */
const SLACK_BYTES = 8192
/** A usual batch of 64 KiB, its header included, in one read. */
const SMALLEST_READ = 81_920
/** Less is copied out of the memory that it was read into: an answer made of a little of many would hold all of these. */
const COPIED_BELOW = 32_768
/** So many bytes of the next batch tell its offset. */
const OFFSET_BYTES = 8

/** 'doubtful': what stands there does not fit together, so something is damaged, or the index is wrong. */
export type SegmentRead = StoredBatches | 'doubtful' | undefined

/**
 * Batches of one segment, undefined if it has none at or after the offset. What is known to be damaged is neither read nor
 * passed over in silence.
 *
 * @throws StoredRangeError where the offset lies in a damaged range
 */
export async function readSegment(
  context: FileContext,
  segment: FileSegment,
  range: StoredRange,
): Promise<SegmentRead> {
  const index = await context.indexes.of(segment)
  for (const damage of segment.damages) {
    if (damage.fromOffset <= range.offset && range.offset < damage.toOffset) throw damageError(segment, damage)
  }
  const place = placeOf(context, segment, index, range.offset)
  let length = Math.max(SMALLEST_READ, range.maxBytes + SLACK_BYTES)
  while (place.position < place.end) {
    const rest = place.end - place.position
    const chunk = await readChunk(context, segment, place, length)
    const first = findFirst(chunk, range.offset, place)
    place.position += first.at
    if (first.isDoubtful) return 'doubtful'
    if (first.isWhole) {
      const taken = take(chunk.subarray(first.at), range, place)
      return taken === 'doubtful' ? taken : fitted(taken, chunk)
    }
    // All that is left was read, or the file is shorter than it was.
    if (first.at === 0 && (chunk.length === rest || chunk.length < length)) break
    length = Math.max(length, first.size + OFFSET_BYTES)
  }
  return segment.isVerified ? undefined : 'doubtful'
}

/**
 * The same at once, where the read is small and everything for it is at hand; undefined where `readSegment` has to do it.
 * A small fetch through the thread pool costs twice as much.
 */
export function readSegmentNow(
  context: FileContext,
  segment: FileSegment,
  range: StoredRange,
): StoredBatches | undefined {
  const length = Math.max(SMALLEST_READ, range.maxBytes + SLACK_BYTES)
  const file = context.files.opened(segment.handle)
  if (segment.index === undefined || file === undefined || segment.isDamaged) return undefined
  if (!context.readPace.mayReadNow(length)) return undefined
  const place = placeOf(context, segment, segment.index, range.offset)
  const { position } = place
  if (position >= place.end) return undefined
  const bytes = readBuffers.take(Math.min(length, place.end - position))
  const chunk = bytes.subarray(
    0,
    readOrNothing(context, () => file.readNow(bytes, position)),
  )
  const first = findFirst(chunk, range.offset, place)
  place.position += first.at
  const found = first.isWhole ? take(chunk.subarray(first.at), range, place) : undefined
  if (found !== undefined && found !== 'doubtful') return fitted(found, chunk)
  readBuffers.giveBack(bytes)
  return undefined
}

/** What cannot be read is for `readSegment` to tell. */
function readOrNothing({ readPace }: FileContext, read: () => number): number {
  try {
    return readPace.readNow(read)
  } catch {
    return 0
  }
}

/** Where a walk over batches stands, and what may come. */
interface Place extends Expectation {
  position: number
  /** Bytes from here on are not read: they are damaged, or not written yet. */
  end: number
}

function placeOf(context: FileContext, segment: FileSegment, index: SegmentIndex, offset: number): Place {
  const entry = index.entryBefore(offset)
  const place: Place = {
    position: entry.position,
    end: segment.writtenSize,
    expected: entry.offset,
    isExact: index.length > 0 && index.entry(0).offset <= offset,
    maxOffset: segment.nextOffset,
    maxEpoch: context.newestTerm,
  }
  for (const damage of segment.damages) {
    if (damage.toOffset <= offset && damage.endPosition > place.position) {
      place.position = damage.endPosition
      place.expected = damage.toOffset
      place.isExact = false
    } else if (damage.position >= place.position && damage.position < place.end) place.end = damage.position
  }
  return place
}

async function readChunk(
  context: FileContext,
  segment: FileSegment,
  { position, end }: Place,
  length: number,
): Promise<Buffer> {
  const bytes = readBuffers.take(Math.min(length, end - position))
  const count = await context.files.use(segment.handle, (file) => file.read(bytes, position))
  return count === bytes.length ? bytes : bytes.subarray(0, count)
}

interface FirstBatch {
  at: number
  isWhole: boolean
  isDoubtful: boolean
  /** Of the batch at `at`, 0 if its head is not there. */
  size: number
}

/** The first batch that ends after the offset, or the first that is not all there. */
function findFirst(chunk: Buffer, offset: number, place: Place): FirstBatch {
  let at = 0
  while (chunk.length - at >= BATCH_HEADER_SIZE) {
    const size = batchSize(chunk, at)
    if (!isPossible(chunk, at, size, place)) return { at, isWhole: false, isDoubtful: true, size }
    const behind = place.end - place.position - at - size
    if (size + Math.min(behind, OFFSET_BYTES) > chunk.length - at)
      return { at, isWhole: false, isDoubtful: false, size }
    if (batchNextOffset(chunk, at) > offset) return { at, isWhole: true, isDoubtful: false, size }
    place.expected = batchNextOffset(chunk, at)
    place.isExact = false
    at += size
  }
  return { at, isWhole: false, isDoubtful: false, size: 0 }
}

/**
 * Whole batches from the start of the chunk, as many as the range allows, up to what does not fit together. Of each, the
 * offset of the next one is seen: nothing else tells that its own are right.
 */
function take(
  chunk: Buffer,
  { offset, endOffset, maxBytes, atLeastOne }: StoredRange,
  place: Place,
): StoredBatches | 'doubtful' {
  let size = 0
  let nextOffset = offset
  while (chunk.length - size >= BATCH_HEADER_SIZE) {
    const end = size + batchSize(chunk, size)
    if (!isPossible(chunk, size, end - size, place)) return size === 0 ? 'doubtful' : given(chunk, size, nextOffset)
    const isLast = place.position + end >= place.end
    if (end > chunk.length || batchBaseOffset(chunk, size) >= endOffset) break
    if (!isLast && end + OFFSET_BYTES > chunk.length) break
    if (end > maxBytes && !(atLeastOne && size === 0)) break
    const next = batchNextOffset(chunk, size)
    if (!isLast && batchBaseOffset(chunk, end) < next) {
      return size === 0 ? 'doubtful' : given(chunk, size, nextOffset)
    }
    nextOffset = next
    place.expected = next
    place.isExact = false
    size = end
  }
  return given(chunk, size, nextOffset)
}

/** The same, holding no more memory than about twice its size. */
function fitted(batches: StoredBatches, memory: Buffer): StoredBatches {
  if (batches.size >= COPIED_BELOW) return batches
  const buffers = batches.buffers.map((buffer) => Buffer.from(buffer))
  readBuffers.giveBack(memory)
  return { ...batches, buffers }
}

function given(chunk: Buffer, size: number, nextOffset: number): StoredBatches {
  return { buffers: size === 0 ? [] : [chunk.subarray(0, size)], size, nextOffset }
}

function isPossible(chunk: Buffer, at: number, size: number, place: Place): boolean {
  // There is another batch behind it, or nothing.
  const behind = place.end - place.position - at - size
  if (behind < 0 || (behind > 0 && behind < BATCH_HEADER_SIZE)) return false
  return isPossibleBatch(chunk, at, size, place)
}
