import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { DiskFile } from '@rivven/runtime'
import type { BadPlace } from '../segments/walk-segment.js'

/**
 * Puts down what the journal has of a bad place, where it fits exactly: a power cut may keep some writes of a segment and
 * lose one before them. Returns whether it did.
 */
export async function repairFrom(journaled: readonly Buffer[], file: DiskFile, place: BadPlace): Promise<boolean> {
  const { position, endPosition, fromOffset, toOffset } = place
  const lost: Buffer[] = []
  let offset = fromOffset
  let size = 0
  for (const batch of journaled) {
    if (size === endPosition - position) break
    if (batchBaseOffset(batch) !== offset) continue
    lost.push(batch)
    offset = batchNextOffset(batch)
    size += batch.length
  }
  if (size !== endPosition - position || (toOffset !== undefined && offset !== toOffset)) return false
  await file.write(lost, position)
  return true
}
