import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'
import type { BadPlace } from '../segments/walk-segment.js'

/**
 * Puts down what the journal has of a bad place, from its beginning on: a power cut may keep some writes of a segment, or
 * half of one, and lose those before them. What follows and is sound stays as it is. Returns where it ends, undefined if
 * the journal has nothing of it. `nextBase`: where the next segment begins.
 */
export async function repairFrom(
  journaled: readonly Buffer[],
  file: DiskFile,
  place: BadPlace & { nextBase: number | undefined },
): Promise<number | undefined> {
  const { position, endPosition, fromOffset, toOffset, nextBase = Infinity } = place
  const limit = toOffset === undefined ? Infinity : endPosition
  const lost: Buffer[] = []
  let offset = fromOffset
  let end = position
  for (const batch of journaled) {
    if (batchBaseOffset(batch) !== offset) continue
    if (end + batch.length > limit || batchNextOffset(batch) > (toOffset ?? nextBase)) break
    lost.push(batch)
    offset = batchNextOffset(batch)
    end += batch.length
  }
  if (lost.length === 0) return undefined
  await file.write(lost, position)
  return end
}
