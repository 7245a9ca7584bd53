import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { StoreOwner } from '../../storage.js'
import { noteDamage } from '../damage.js'
import type { FileContext } from '../file-context.js'
import { FileSegment } from '../segments/file-segment.js'
import type { LoadedPartition } from './load-partition.js'

interface Taking {
  folder: string
  found: LoadedPartition
  /** What the journal has for this partition, in order. */
  batches: readonly Buffer[]
  owner: StoreOwner
}

/** Puts down again, durably, what a power cut has taken from the segments but not from the journal. */
export async function takeJournaled(context: FileContext, taking: Taking): Promise<LoadedPartition> {
  const { folder, found, owner } = taking
  const lost = lostOf(taking)
  if (lost.length === 0) return found
  const segments = [...found.segments]
  const segment = segmentFor(context, taking, batchBaseOffset(lost[0]!))
  if (segment !== segments.at(-1)) segments.push(segment)
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
  return { ...found, segments, isRolled: false, endOffset: segment.nextOffset }
}

/** The last segment, if the batches go on where it ends; what lies between was promised, and is missing. */
function segmentFor(context: FileContext, { folder, found }: Taking, offset: number): FileSegment {
  const last = found.segments.at(-1)
  if (last !== undefined && !found.isRolled && last.nextOffset === offset) return last
  if (last !== undefined && last.nextOffset < offset) {
    const { size, nextOffset } = last
    noteDamage(context, last, { position: size, endPosition: size, fromOffset: nextOffset, toOffset: offset })
    last.nextOffset = offset
  }
  const segment = new FileSegment(folder, offset, context.clock.now())
  segment.startIndex()
  return segment
}

/** An entry may hold what the segments have, and two entries may hold the same; none leaves a gap. */
function lostOf({ found, batches }: Taking): Buffer[] {
  const lost: Buffer[] = []
  for (const batch of batches) {
    const base = batchBaseOffset(batch)
    const expected = lost.length === 0 ? found.endOffset : batchNextOffset(lost.at(-1)!)
    if (lost.length === 0 ? base >= expected : base === expected) lost.push(batch)
  }
  return lost
}
