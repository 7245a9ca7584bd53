// Hot path: every fetch that memory cannot serve. One read of what the fetch may carry, into memory of its own, cut to whole
// batches without copying; index entries are 4 KiB apart, so little is read in vain (bench/micro/log.mjs).
import {
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  batchBaseOffset,
  batchMagic,
  batchNextOffset,
  batchSize,
} from '@rivven/protocol'
import { readBuffers } from '../../read-buffers.js'
import type { StoredBatches, StoredRange } from '../storage.js'
import type { FileContext } from './file-context.js'
import type { FileSegment } from './segments/file-segment.js'

/** The batch that holds an offset may begin so far behind its index entry, and more if batches are large. */
const SLACK_BYTES = 8192
/** A usual batch of 64 KiB, its header included, in one read. */
const SMALLEST_READ = 81_920
/** Less is copied out of the memory that it was read into: an answer made of a little of many would hold all of these. */
const COPIED_BELOW = 32_768

/** Batches of one segment, undefined if it has none at or after the offset. */
export async function readSegment(
  context: FileContext,
  segment: FileSegment,
  range: StoredRange,
): Promise<StoredBatches | undefined> {
  const index = await context.indexes.of(segment)
  let position = index.positionBefore(range.offset)
  let length = Math.max(SMALLEST_READ, range.maxBytes + SLACK_BYTES)
  while (position < segment.writtenSize) {
    const chunk = await readChunk(context, segment, position, length)
    const first = findFirst(chunk, range.offset)
    position += first.at
    if (first.isWhole) return fitted(take(chunk.subarray(first.at), range), chunk)
    if (chunk.length - first.at < BATCH_HEADER_SIZE && position + BATCH_HEADER_SIZE > segment.writtenSize) break
    length = Math.max(length, first.size)
    if (first.at === 0 && first.size <= chunk.length) break
  }
  return undefined
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
  if (segment.index === undefined || file === undefined || !context.readPace.mayReadNow(length)) return undefined
  const position = segment.index.positionBefore(range.offset)
  if (position >= segment.writtenSize) return undefined
  const bytes = readBuffers.take(Math.min(length, segment.writtenSize - position))
  const chunk = bytes.subarray(
    0,
    readOrNothing(context, () => file.readNow(bytes, position)),
  )
  const first = findFirst(chunk, range.offset)
  if (first.isWhole) return fitted(take(chunk.subarray(first.at), range), chunk)
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

async function readChunk(
  context: FileContext,
  segment: FileSegment,
  position: number,
  length: number,
): Promise<Buffer> {
  const bytes = readBuffers.take(Math.min(length, segment.writtenSize - position))
  const count = await context.files.use(segment.handle, (file) => file.read(bytes, position))
  return count === bytes.length ? bytes : bytes.subarray(0, count)
}

interface FirstBatch {
  at: number
  isWhole: boolean
  /** Of the batch at `at`, 0 if its head is not there. */
  size: number
}

/** The first batch that ends after the offset, or the first that is not all there. */
function findFirst(chunk: Buffer, offset: number): FirstBatch {
  let at = 0
  while (chunk.length - at >= BATCH_HEADER_SIZE) {
    const size = sizeAt(chunk, at)
    if (size > chunk.length - at) return { at, isWhole: false, size }
    if (batchNextOffset(chunk, at) > offset) return { at, isWhole: true, size }
    at += size
  }
  return { at, isWhole: false, size: 0 }
}

/** Whole batches from the start of the chunk, as many as the range allows. */
function take(chunk: Buffer, { offset, endOffset, maxBytes, atLeastOne }: StoredRange): StoredBatches {
  let size = 0
  let nextOffset = offset
  while (chunk.length - size >= BATCH_MAGIC_END) {
    const end = size + sizeAt(chunk, size)
    if (end > chunk.length || batchBaseOffset(chunk, size) >= endOffset) break
    if (end > maxBytes && !(atLeastOne && size === 0)) break
    nextOffset = batchNextOffset(chunk, size)
    size = end
  }
  return { buffers: size === 0 ? [] : [chunk.subarray(0, size)], size, nextOffset }
}

/** The same, holding no more memory than about twice its size. */
function fitted(batches: StoredBatches, memory: Buffer): StoredBatches {
  if (batches.size >= COPIED_BELOW) return batches
  const buffers = batches.buffers.map((buffer) => Buffer.from(buffer))
  readBuffers.giveBack(memory)
  return { ...batches, buffers }
}

function sizeAt(chunk: Buffer, at: number): number {
  const size = batchSize(chunk, at)
  if (size < BATCH_HEADER_SIZE || batchMagic(chunk, at) !== 2) throw new Error('The stored bytes are no record batch.')
  return size
}
