import { batchBaseOffset, batchMaxTimestamp } from '@rivven/protocol'
import type { Notices } from '../../notices.js'
import { noteDamage } from '../damage.js'
import type { FileSegment } from '../segments/file-segment.js'
import type { IndexCache } from '../segments/index-cache.js'
import type { OpenFiles } from '../segments/open-files.js'
import { SegmentIndex } from '../segments/segment-index.js'
import { SoundBatches } from '../segments/sound-batches.js'
import { walkSegment } from '../segments/walk-segment.js'

/** What it needs of the data folder. */
export interface SegmentHouse {
  readonly files: OpenFiles
  readonly indexes: IndexCache
  readonly notices: Notices
  readonly newestTerm: number
}

/** How far a segment goes. */
export interface Reach {
  size: number
  nextOffset: number
}

/**
 * Reads and checks a whole segment, once: afterwards `damages` are all there are. Tells of those that are new. `reach`: what
 * of a segment that takes appends has been written.
 */
export async function verifySegment(
  context: SegmentHouse,
  segment: FileSegment,
  reach: Reach = segment,
): Promise<void> {
  if (segment.isVerified) return
  segment.verifying ??= check(context, segment, reach, segment.index)
    .then(() => undefined)
    .finally(() => {
      segment.verifying = undefined
    })
  await segment.verifying
}

/** The index of a closed segment, made from what is sound in it, and agrees with an earlier one that was sound. */
export async function remakeIndex(
  context: SegmentHouse,
  segment: FileSegment,
  witness: SegmentIndex | undefined,
): Promise<SegmentIndex> {
  await segment.verifying
  const index = await check(context, segment, segment, witness)
  segment.index = index
  await context.indexes.store(segment)
  if (!segment.isDamaged) {
    const path = segment.indexPath
    const text = `${path} was missing or did not fit its segment, and is made again. Nothing is lost.`
    context.notices.tell({ level: 'warn', text, facts: { path } })
  }
  return index
}

async function check(
  { files, newestTerm, notices }: SegmentHouse,
  segment: FileSegment,
  { size, nextOffset }: Reach,
  witness: SegmentIndex | undefined,
): Promise<SegmentIndex> {
  const index = new SegmentIndex(segment.baseOffset)
  const rule = new SoundBatches({ from: segment.baseOffset, to: nextOffset, maxEpoch: newestTerm, witness })
  let timeBefore = -1
  await files.use(segment.handle, (file) =>
    walkSegment(file, {
      ...{ from: 0, to: size, rule },
      visit: (batch, position) => {
        index.note(batchBaseOffset(batch), position, timeBefore)
        timeBefore = Math.max(timeBefore, batchMaxTimestamp(batch))
      },
      onBad: async (place) => {
        const { toOffset = nextOffset } = place
        noteDamage({ notices }, segment, { ...place, toOffset })
        rule.expected = toOffset
        return 'pass'
      },
    }),
  )
  const fromOffset = rule.expected
  if (fromOffset < nextOffset) {
    noteDamage({ notices }, segment, { position: size, endPosition: size, fromOffset, toOffset: nextOffset })
  }
  segment.isVerified = true
  segment.isDoubtful = false
  return index
}
