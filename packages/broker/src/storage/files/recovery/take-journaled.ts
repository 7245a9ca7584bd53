import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { StoreOwner } from '../../storage.js'
import { noteDamage } from '../damage.js'
import type { FileContext } from '../file-context.js'
import type { JournalClaim } from '../journal/read-entries.js'
import { FileSegment } from '../segments/file-segment.js'
import { type LoadedPartition, tellLostStart } from './load-partition.js'

interface Taking {
  folder: string
  found: LoadedPartition
  /** What the journal has for this partition, in order. */
  batches: readonly Buffer[]
  /** What was in damaged entries of it. */
  claims: readonly JournalClaim[]
  owner: StoreOwner
}

/** A base offset so far ahead is itself damaged. */
const FARTHEST = 1_000_000

/**
 * Puts down again, durably, what a power cut has taken from the segments but not from the journal. Where the journal is
 * damaged, too, the log goes on behind what was lost: offsets that somebody was told of are not given twice.
 */
export async function takeJournaled(context: FileContext, taking: Taking): Promise<LoadedPartition> {
  let { found } = taking
  for (const lost of lostOf(taking)) found = await putDown(context, { ...taking, found }, lost)
  const end = claimedEnd(found.endOffset, taking.claims)
  return end > found.endOffset ? passLost(context, { ...taking, found }, end) : found
}

/** Where a log ends that ended here but for what damaged entries have had of it. */
function claimedEnd(endOffset: number, claims: readonly JournalClaim[]): number {
  let end = endOffset
  for (const { fromOffset, toOffset } of claims) {
    if (toOffset <= end) continue
    end = fromOffset <= end + FARTHEST ? toOffset : end + toOffset - fromOffset
  }
  return end
}

/** The log goes on at `end`; what lies before it is missing. */
async function passLost(context: FileContext, { folder, found }: Taking, end: number): Promise<LoadedPartition> {
  const last = found.segments.at(-1)
  if (last === undefined) tellLostStart(context, folder, { from: found.startOffset, to: end })
  else endAt(context, last, end)
  const segment = new FileSegment(folder, end, context.clock.now())
  segment.startIndex()
  // The index of a segment that is not there: it promises what lies before it to the next start.
  await context.indexes.store(segment)
  return { ...found, startOffset: last === undefined ? end : found.startOffset, endOffset: end, isRolled: true }
}

/** What was promised of a segment up to `end`, and is not there, is missing. */
function endAt(context: FileContext, segment: FileSegment, end: number): void {
  const { size, nextOffset } = segment
  noteDamage(context, segment, { position: size, endPosition: size, fromOffset: nextOffset, toOffset: end })
  segment.nextOffset = end
}

async function putDown(context: FileContext, taking: Taking, lost: readonly Buffer[]): Promise<LoadedPartition> {
  const { folder, found, owner } = taking
  const segments = [...found.segments]
  const offset = batchBaseOffset(lost[0]!)
  const startOffset = segments.length === 0 ? offset : found.startOffset
  if (startOffset > found.startOffset) tellLostStart(context, folder, { from: found.startOffset, to: startOffset })
  const segment = segmentFor(context, taking, offset)
  const isNew = segment !== segments.at(-1)
  if (isNew) segments.push(segment)
  await context.files.use(segment.handle, async (file) => {
    await file.write(lost, segment.writtenSize)
    await file.sync()
  })
  await context.disk.syncFolder(folder)
  segment.isNamed = true
  for (const batch of lost) {
    segment.note(batch)
    owner.replay(batch)
  }
  segment.writtenSize = segment.size
  // It promises what lies before it, too: without it the next start would take a gap for the end of the log.
  if (isNew) await context.indexes.store(segment)
  return { ...found, startOffset, segments, isRolled: false, endOffset: segment.nextOffset }
}

/** The last segment, if the batches go on where it ends; what lies between was promised, and is missing. */
function segmentFor(context: FileContext, { folder, found }: Taking, offset: number): FileSegment {
  const last = found.segments.at(-1)
  if (last !== undefined && !found.isRolled && last.nextOffset === offset) return last
  if (last !== undefined && last.nextOffset < offset) endAt(context, last, offset)
  const segment = new FileSegment(folder, offset, context.clock.now())
  segment.startIndex()
  return segment
}

/**
 * An entry may hold what the segments have, and two entries may hold the same. They come in runs without a gap; what is
 * missing between runs is in a part of the journal that is damaged.
 */
function lostOf({ found, batches }: Taking): Buffer[][] {
  const runs: Buffer[][] = []
  let expected = found.endOffset
  for (const batch of batches) {
    const base = batchBaseOffset(batch)
    if (base < expected) continue
    if (runs.length === 0 || base > expected) runs.push([])
    runs.at(-1)!.push(batch)
    expected = batchNextOffset(batch)
  }
  return runs
}
