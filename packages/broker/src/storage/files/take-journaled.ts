import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { StoreOwner } from '../storage.js'
import type { FileContext } from './file-context.js'
import type { LoadedPartition } from './load-partition.js'
import { FileSegment } from './segments/file-segment.js'

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
  const segment = segments.at(-1) ?? new FileSegment(folder, batchBaseOffset(lost[0]!), context.clock.now())
  if (segments.length === 0) {
    segment.startIndex()
    segments.push(segment)
  }
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
  return { ...found, segments, endOffset: segment.nextOffset }
}

/** An entry may hold what the segments have, and two entries may hold the same. */
function lostOf({ found, batches }: Taking): Buffer[] {
  let endOffset = found.endOffset
  return batches.filter((batch) => {
    if (batchBaseOffset(batch) < endOffset) return false
    endOffset = batchNextOffset(batch)
    return true
  })
}
