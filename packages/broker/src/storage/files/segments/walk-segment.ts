import {
  BATCH_HEADER_SIZE,
  BATCH_MAGIC_END,
  batchBaseOffset,
  batchMagic,
  batchSize,
  isBatchCrcRight,
} from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'
import type { SoundBatches } from './sound-batches.js'

const CHUNK_BYTES = 1_048_576

/** Bytes of a segment that are no sound batches, and the offsets that are missing there. */
export interface BadPlace {
  position: number
  endPosition: number
  fromOffset: number
  /** Undefined: nothing sound follows in the segment, so it cannot be told. */
  toOffset: number | undefined
}

export interface Walk {
  from: number
  to: number
  rule: SoundBatches
  /** One sound batch; its bytes are only valid during the call. */
  visit: (batch: Buffer, position: number) => void
  onBad: (place: BadPlace) => Promise<WalkOn>
}

/** 'pass' goes on behind a bad place, 'end' ends the walk there; `again`: the same place once more, with another end of the file. */
export type WalkOn = 'pass' | 'end' | { readonly again: number }

/** Walks the sound batches of a file. Returns where it ended: `to`, or a bad place. */
export async function walkSegment(file: DiskFile, { from, to: firstTo, rule, visit, onBad }: Walk): Promise<number> {
  let position = from
  let to = firstTo
  while (position < to) {
    position = await walkSound(file, { position, to, rule, visit })
    if (position >= to) break
    const place = await badPlaceAt(file, position, to, rule)
    const next = await onBad(place)
    if (next === 'end') return position
    if (next !== 'pass') {
      to = next.again
      continue
    }
    position = place.endPosition
    rule.expected = place.toOffset ?? rule.expected
  }
  return position
}

/** Up to the first batch that is not sound. */
async function walkSound(
  file: DiskFile,
  { position, to, rule, visit }: Pick<Walk, 'to' | 'rule' | 'visit'> & { position: number },
): Promise<number> {
  let chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - position))
  let at = position
  while (to - at >= BATCH_HEADER_SIZE) {
    const length = await file.read(chunk.subarray(0, Math.min(chunk.length, to - at)), at)
    const bytes = chunk.subarray(0, length)
    const start = at
    let needed = 0
    for (;;) {
      const size = sizeAt(bytes, at - start)
      if (size === undefined) break
      const end = at - start + size
      const isLast = start + end + BATCH_MAGIC_END > to
      // The batch, and as much of the next one as tells its offset.
      needed = isLast ? size : size + BATCH_MAGIC_END
      if (needed > length - (at - start)) break
      const follower = isLast ? undefined : bytes.subarray(end)
      const batch = bytes.subarray(at - start, end)
      if (!rule.take(batch, at, follower)) return at
      visit(batch, at)
      at += size
      needed = 0
    }
    if (at > start) continue
    // No head of a batch, or one that is larger than the file.
    if (needed === 0 || needed > to - at || length < Math.min(chunk.length, to - at)) return at
    chunk = Buffer.allocUnsafe(needed)
  }
  return at
}

/** Of the batch that begins there; undefined if its head is not there, or is none. */
function sizeAt(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < BATCH_MAGIC_END) return undefined
  const size = batchSize(bytes, at)
  return size < BATCH_HEADER_SIZE || batchMagic(bytes, at) !== 2 ? undefined : size
}

async function badPlaceAt(file: DiskFile, position: number, to: number, rule: SoundBatches): Promise<BadPlace> {
  const next = await nextSound(file, position + 1, to, rule)
  const [endPosition, toOffset] = next === undefined ? [to, undefined] : [next.position, next.offset]
  return { position, endPosition, fromOffset: rule.expected, toOffset }
}

/** The first place from which on there is a whole batch that may stand there. */
async function nextSound(
  file: DiskFile,
  from: number,
  to: number,
  rule: SoundBatches,
): Promise<{ position: number; offset: number } | undefined> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(0, to - from)))
  for (let start = from; to - start >= BATCH_HEADER_SIZE; start += chunk.length - BATCH_HEADER_SIZE + 1) {
    const length = await file.read(chunk.subarray(0, Math.min(chunk.length, to - start)), start)
    for (let at = 0; at + BATCH_HEADER_SIZE <= length; at++) {
      if (!rule.mayBegin(chunk, at)) continue
      const size = batchSize(chunk, at)
      if (start + at + size > to) continue
      const batch = Buffer.allocUnsafe(size)
      await file.read(batch, start + at)
      if (isBatchCrcRight(batch)) return { position: start + at, offset: batchBaseOffset(batch) }
    }
  }
  return undefined
}
