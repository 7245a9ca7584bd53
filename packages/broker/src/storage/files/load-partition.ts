import { join } from 'node:path'
import { batchBaseOffset, batchLastOffsetDelta, isBatchCrcRight } from '@rivven/protocol'
import type { StoreOwner } from '../storage.js'
import { CHECKPOINT_NAME, type Checkpoint, decodeCheckpoint } from './checkpoint-file.js'
import type { FileContext } from './file-context.js'
import { segmentName, sortNames } from './segments/file-names.js'
import { FileSegment } from './segments/file-segment.js'
import { readIndexFile } from './segments/index-cache.js'
import { decodeIndexHead, INDEX_HEAD_BYTES, type IndexHead } from './segments/index-file.js'
import { scanBatches } from './segments/scan-batches.js'
import { completeSwap } from './swap-segments.js'

export interface LoadedPartition {
  startOffset: number
  endOffset: number
  segments: FileSegment[]
}

/**
 * What a folder holds (data-plane.md §15.5). Everything before the last checkpoint is trusted, what lies behind is checked;
 * at the first batch that is not whole and sound the segment is cut, and later ones are removed. `owner` gets the
 * checkpoint's state and each batch since.
 */
export async function loadPartition(context: FileContext, folder: string, owner: StoreOwner): Promise<LoadedPartition> {
  const bases = await tidy(context, folder)
  const checkpoint = await readCheckpoint(context, folder)
  owner.restore(checkpoint?.state, checkpoint?.offset ?? 0)
  const segments = await loadSegments(context, { folder, bases, checkpoint, owner })
  const endOffset = Math.max(segments.at(-1)?.nextOffset ?? 0, checkpoint?.offset ?? 0)
  const firstOffset = segments[0]?.baseOffset ?? endOffset
  return { startOffset: Math.max(checkpoint?.startOffset ?? 0, Math.min(firstOffset, endOffset)), endOffset, segments }
}

interface Loading {
  folder: string
  bases: readonly number[]
  checkpoint: Checkpoint | undefined
  owner: StoreOwner
}

async function loadSegments(context: FileContext, loading: Loading): Promise<FileSegment[]> {
  const { folder, bases, checkpoint, owner } = loading
  const segments: FileSegment[] = []
  for (const [index, base] of bases.entries()) {
    const before = segments.at(-1)
    // A power cut may leave the name of a segment, but not what was in the one before.
    const isApart = before !== undefined && base !== before.nextOffset && base > (checkpoint?.segmentBase ?? -1)
    const segment = new FileSegment(folder, base, context.clock.now())
    const loader = new SegmentLoader(context, segment, checkpoint, owner)
    const isSound = !isApart && (await loader.load(index === bases.length - 1, before?.nextOffset ?? 0))
    if (!isApart) segments.push(segment)
    if (isSound) continue
    for (const later of bases.slice(isApart ? index : index + 1)) await removeSegmentFiles(context, folder, later)
    if (isApart) await context.indexes.pin(before)
    break
  }
  await syncNames(context, loading, segments)
  return segments
}

/** A killed broker may have left names that are not durable. */
async function syncNames(
  { disk }: FileContext,
  { folder, checkpoint }: Loading,
  segments: readonly FileSegment[],
): Promise<void> {
  for (const segment of segments) segment.isNamed = true
  const last = segments.at(-1)
  const isAsClosed = last?.baseOffset === checkpoint?.segmentBase && last?.writtenSize === checkpoint?.position
  if (last !== undefined && !isAsClosed) await disk.syncFolder(folder)
}

export async function removeSegmentFiles(context: FileContext, folder: string, baseOffset: number): Promise<void> {
  await context.disk.remove(join(folder, segmentName(baseOffset, 'index')))
  await context.disk.remove(join(folder, segmentName(baseOffset, 'log')))
}

/** Ends what a crash has interrupted. Returns the base offsets of the segments there are. */
async function tidy(context: FileContext, folder: string): Promise<number[]> {
  const files = sortNames(await context.disk.list(folder))
  for (const name of files.leftovers) await context.disk.remove(join(folder, name))
  for (const swap of files.swaps) await completeSwap(context, folder, swap)
  return files.swaps.length === 0 ? files.segments : sortNames(await context.disk.list(folder)).segments
}

async function readCheckpoint(context: FileContext, folder: string): Promise<Checkpoint | undefined> {
  try {
    return decodeCheckpoint(await context.disk.readFile(join(folder, CHECKPOINT_NAME)))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

class SegmentLoader {
  readonly segment: FileSegment
  private readonly context: FileContext
  private readonly owner: StoreOwner
  private readonly checkpoint: Checkpoint | undefined

  constructor(context: FileContext, segment: FileSegment, checkpoint: Checkpoint | undefined, owner: StoreOwner) {
    this.context = context
    this.segment = segment
    this.checkpoint = checkpoint
    this.owner = owner
  }

  /** False if the segment had to be cut. The last one gets its index into memory. */
  async load(isLast: boolean, minOffset: number): Promise<boolean> {
    const { segment, context } = this
    const size = (await context.disk.sizeOf(segment.handle.path)) ?? 0
    const trusted = this.trustedSize(size)
    const covered = await this.takeIndex(isLast, size)
    const from = Math.min(covered, trusted)
    if (from === size) {
      segment.writtenSize = size
      return true
    }
    const end = await this.scan({ from, size, trusted, covered, minOffset })
    // The index spoke of bytes that are damaged.
    if (end < covered) await this.countAgain(end)
    return this.finish({ end, size, trusted, isLast })
  }

  private trustedSize(size: number): number {
    const { checkpoint, segment } = this
    if (checkpoint === undefined || segment.baseOffset > checkpoint.segmentBase) return 0
    if (segment.baseOffset < checkpoint.segmentBase) return size
    return checkpoint.position <= size ? checkpoint.position : 0
  }

  /** Takes facts (and index) from the index file. Returns for how many bytes they stand. */
  private async takeIndex(isLast: boolean, size: number): Promise<number> {
    const { segment, context } = this
    if (isLast) segment.startIndex()
    const stored = isLast ? await readIndexFile(context.disk, segment) : undefined
    const head = isLast ? stored?.head : await this.readHead()
    if (head === undefined || head.size > size) return 0
    segment.takeFacts(head)
    if (stored !== undefined) segment.index = stored.index
    return head.size
  }

  private async readHead(): Promise<IndexHead | undefined> {
    const { disk } = this.context
    if (!((await disk.sizeOf(this.segment.indexPath)) ?? 0)) return undefined
    const file = await disk.open(this.segment.indexPath, 'read')
    try {
      const bytes = Buffer.alloc(INDEX_HEAD_BYTES)
      await file.read(bytes, 0)
      return decodeIndexHead(bytes, this.segment.baseOffset)
    } finally {
      await file.close()
    }
  }

  private scan(range: {
    from: number
    size: number
    trusted: number
    covered: number
    minOffset: number
  }): Promise<number> {
    const { segment } = this
    const replayFrom = this.checkpoint?.offset ?? 0
    let expected = Math.max(range.minOffset, segment.baseOffset)
    return this.context.files.use(segment.handle, (file) =>
      scanBatches(file, range.from, range.size, (batch, position) => {
        const offset = batchBaseOffset(batch)
        if (position >= range.trusted && !isSound(batch, expected)) return false
        expected = offset + batchLastOffsetDelta(batch) + 1
        if (position >= range.covered) segment.note(batch)
        if (offset >= replayFrom) this.owner.replay(batch)
        return true
      }),
    )
  }

  private async countAgain(end: number): Promise<void> {
    const { segment, context } = this
    segment.takeFacts({ ...new FileSegment(segment.folder, segment.baseOffset, context.clock.now()), entryCount: 0 })
    if (segment.index !== undefined) segment.startIndex()
    await context.files.use(segment.handle, (file) =>
      scanBatches(file, 0, end, (batch) => {
        segment.note(batch)
        return true
      }),
    )
  }

  private async finish(found: { end: number; size: number; trusted: number; isLast: boolean }): Promise<boolean> {
    const { segment, context } = this
    const { end, size, trusted, isLast } = found
    segment.writtenSize = end
    // What a killed broker had only written counts as stored from now on, so it must be.
    if (end > trusted) await context.files.use(segment.handle, (file) => file.sync())
    if (end === size) return true
    // Damage in what was whole once, with more segments behind it: readers pass over the rest of this one.
    if (end < trusted && !isLast) return true
    await context.files.use(segment.handle, async (file) => {
      await file.truncate(end)
      await file.sync()
    })
    await context.disk.remove(segment.indexPath)
    await context.indexes.pin(segment)
    return false
  }
}

function isSound(batch: Buffer, expectedOffset: number): boolean {
  return batchBaseOffset(batch) >= expectedOffset && batchLastOffsetDelta(batch) >= 0 && isBatchCrcRight(batch)
}
