import { basename, join } from 'node:path'
import type { StoreOwner } from '../../storage.js'
import type { Checkpoint } from '../checkpoint-file.js'
import { Checkpoints } from '../checkpoints.js'
import type { FileContext } from '../file-context.js'
import { type PartitionFiles, segmentName, sortNames } from '../segments/file-names.js'
import type { FileSegment } from '../segments/file-segment.js'
import { completeSwap } from '../swap-segments.js'
import { FoundSegment } from './found-segment.js'
import { SegmentLoader } from './segment-loader.js'

export interface LoadedPartition {
  startOffset: number
  endOffset: number
  segments: FileSegment[]
  /** The last segment takes no more appends. */
  isRolled: boolean
  checkpoints: Checkpoints
}

export interface Loading {
  folder: string
  owner: StoreOwner
  /** What the journal has of this partition, in order. */
  journaled: readonly Buffer[]
}

/**
 * What a folder holds (data-plane.md §15.5). Everything before the last checkpoint is trusted, what lies behind is checked.
 *
 * A bad place behind everything that was ever promised, and that looks like a write that did not come to its end, ends the
 * log: it is cut there. Any other bad place is damage: it stays as it is, readers get an error for its offsets, and the log
 * goes on behind it. `owner` gets the checkpoint's state and each sound batch since.
 */
export async function loadPartition(context: FileContext, loading: Loading): Promise<LoadedPartition> {
  const { folder, owner } = loading
  const { segments: bases, missing } = await tidy(context, folder)
  const checkpoints = new Checkpoints(context, folder)
  const checkpoint = await checkpoints.read(bases)
  owner.restore(checkpoint?.state, checkpoint?.offset ?? 0)
  const { segments, promised } = await loadSegments(context, { ...loading, bases, missing, checkpoint })
  await syncNames(context, { folder, checkpoint, segments })
  const last = segments.at(-1)
  const endOffset = Math.max(last?.nextOffset ?? promised, checkpoint?.offset ?? 0)
  const firstOffset = segments[0]?.baseOffset ?? endOffset
  const startOffset = Math.max(checkpoint?.startOffset ?? 0, Math.min(firstOffset, endOffset))
  const wasStart = checkpoint?.startOffset ?? 0
  if (startOffset > wasStart) tellLostStart(context, folder, { from: wasStart, to: startOffset })
  const isRolled = last !== undefined && (last.endsDamaged || (checkpoint?.segmentBase ?? 0) > last.baseOffset)
  return { startOffset, endOffset, segments, isRolled, checkpoints }
}

async function loadSegments(
  context: FileContext,
  loading: Loading & Pick<PartitionFiles, 'missing'> & { bases: readonly number[]; checkpoint: Checkpoint | undefined },
): Promise<{ segments: FileSegment[]; promised: number }> {
  const { folder, bases, missing, checkpoint } = loading
  const found: FoundSegment[] = []
  for (const [at, base] of bases.entries()) {
    found.push(await FoundSegment.look(context, { folder, base, nextBase: bases[at + 1], checkpoint }))
  }
  let promised = checkpoint?.offset ?? 0
  for (const { promisedOffset } of found) promised = Math.max(promised, promisedOffset)
  // The index of a segment that is gone speaks for it still.
  for (const base of missing) {
    const { promisedOffset } = await FoundSegment.look(context, { folder, base, nextBase: undefined, checkpoint })
    promised = Math.max(promised, promisedOffset)
  }
  const segments: FileSegment[] = []
  for (const [at, one] of found.entries()) {
    const loader = new SegmentLoader(context, { ...loading, found: one, promised })
    const isCut = (await loader.load()) === 'cut'
    segments.push(one.segment)
    if (!isCut) continue
    await setAsideFrom(context, folder, bases.slice(at + 1))
    break
  }
  return { segments, promised }
}

/** Segments behind a write that did not come to its end: nothing in them was promised to anybody. */
async function setAsideFrom(context: FileContext, folder: string, bases: readonly number[]): Promise<void> {
  const { disk, setAside, notices } = context
  for (const base of bases) {
    const path = join(folder, segmentName(base, 'log'))
    await disk.remove(join(folder, segmentName(base, 'index')))
    if ((await disk.sizeOf(path)) === 0) {
      await disk.remove(path)
      continue
    }
    const kept = await setAside.move(path)
    const text = `${path} lay behind a write that a crash has cut short; nothing in it was promised. It is kept at ${kept}.`
    notices.tell({ level: 'warn', text, facts: { path, kept } })
  }
}

/** A killed broker may have left names that are not durable. */
async function syncNames(
  { disk }: FileContext,
  { folder, checkpoint, segments }: { folder: string; checkpoint: Checkpoint | undefined; segments: FileSegment[] },
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

/** Ends what a crash has interrupted. Returns what there is then. */
async function tidy(context: FileContext, folder: string): Promise<PartitionFiles> {
  const files = sortNames(await context.disk.list(folder))
  for (const name of files.leftovers) await context.disk.remove(join(folder, name))
  for (const swap of files.swaps) await completeSwap(context, folder, swap)
  return files.swaps.length === 0 ? files : sortNames(await context.disk.list(folder))
}

export function tellLostStart(
  { notices }: FileContext,
  folder: string,
  { from, to }: { from: number; to: number },
): void {
  const text =
    `The log ${basename(folder)} should begin at offset ${from}, but ${folder} has no segment before ${to}: ` +
    'it begins there now. To get back what is missing, end rivvend, put back the segments and start again.'
  notices.tell({ level: 'error', text, facts: { path: folder, fromOffset: from, toOffset: to } })
}
