import { join } from 'node:path'
import type { FileContext } from './file-context.js'
import { segmentName, sortNames } from './segments/file-names.js'
import type { FileSegment } from './segments/file-segment.js'

/** A rewritten segment on its way to take the place of others. */
export interface Swap {
  /** Its file, in the folder; from the moment that this name is durable the old ones count for nothing. */
  name: string
  fromOffset: number
  toOffset: number
}

/** From when this is done, a start takes the rewritten segment for the old ones. */
export async function nameSwap({ disk }: FileContext, { folder, handle }: FileSegment, { name }: Swap): Promise<void> {
  const path = join(folder, name)
  await disk.rename(handle.path, path)
  handle.path = path
  await disk.syncFolder(folder)
}

/**
 * Removes what is replaced, indexes first (an old one must not be taken for the new segment's), then gives the new segment
 * its name. Can be done again at any point, which is what a start after a crash does. An empty one just goes.
 */
export async function completeSwap(context: FileContext, folder: string, swap: Swap): Promise<void> {
  const { disk } = context
  const path = join(folder, swap.name)
  const isEmpty = (await disk.sizeOf(path)) === 0
  const { segments } = sortNames(await disk.list(folder))
  const replaced = segments.filter((base) => base >= swap.fromOffset && base < swap.toOffset)
  for (const base of replaced) await disk.remove(join(folder, segmentName(base, 'index')))
  for (const base of replaced) {
    if (isEmpty || base !== swap.fromOffset) await disk.remove(join(folder, segmentName(base, 'log')))
  }
  if (isEmpty) await disk.remove(path)
  else await disk.rename(path, join(folder, segmentName(swap.fromOffset, 'log')))
  await disk.syncFolder(folder)
}
