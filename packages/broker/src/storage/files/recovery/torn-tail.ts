import {
  BATCH_HEADER_SIZE,
  BATCH_PREFIX_SIZE,
  batchBaseOffset,
  batchCrc,
  batchMagic,
  batchSize,
  crc32c,
} from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'
import { claimedOffsets } from '../segments/claimed-offsets.js'
import type { BadPlace } from '../segments/walk-segment.js'

/** Attributes to end of a batch are under its CRC. */
const CRC_START = 21
/** A batch ends with one zero byte as a rule, hardly ever with more. */
const ZEROS = 4

/**
 * Whether bytes that were never promised look like a write that did not come to its end: too short, or with zeros where the
 * disk has not put down what was written. Anything else was whole once, and is damaged.
 */
export async function isUnfinished(file: DiskFile, { position, endPosition }: BadPlace): Promise<boolean> {
  const size = endPosition - position
  if (size < BATCH_HEADER_SIZE) return true
  if (isZero(await readAt(file, endPosition - ZEROS, ZEROS))) return true
  const head = await readAt(file, position, BATCH_HEADER_SIZE)
  if (batchMagic(head) !== 2 || batchSize(head) <= size) return false
  // Else only its length is wrong: it was whole.
  return !isWholeAs(await readAt(file, position, size), size)
}

/**
 * One past the last offset of a damaged batch that nothing sound follows, as its own header has it; undefined where the
 * header makes no sense.
 */
export async function claimedEnd(file: DiskFile, place: BadPlace): Promise<number | undefined> {
  const size = place.endPosition - place.position
  if (size < BATCH_HEADER_SIZE) return undefined
  const bytes = await readAt(file, place.position, size)
  const isWhole = isWholeAs(bytes, size)
  if (!isWhole && (batchMagic(bytes) !== 2 || batchSize(bytes) !== size)) return undefined
  if (!isWhole && batchBaseOffset(bytes) !== place.fromOffset) return undefined
  const count = claimedOffsets(bytes, size)
  return count === undefined ? undefined : place.fromOffset + count
}

/** Whether the CRC is right if the batch is taken to have this size. */
function isWholeAs(bytes: Buffer, size: number): boolean {
  return size > BATCH_PREFIX_SIZE && crc32c(bytes.subarray(CRC_START, size)) === batchCrc(bytes)
}

async function readAt(file: DiskFile, position: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size)
  return bytes.subarray(0, await file.read(bytes, position))
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}
