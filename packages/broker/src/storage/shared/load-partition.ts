import { batchBaseOffset } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { LoadedPartition, LogTables, SegmentPlace } from '../../database/log-tables.js'
import type { StoreOwner } from '../storage.js'
import { untilAnswered } from './outage.js'
import { SharedSegment } from './shared-segment.js'

export interface LoadParts {
  readonly tables: Pick<LogTables, 'heads'>
  readonly clock: Clock
  /** An outage is not waited for any longer. */
  isOver(): boolean
}

export interface LoadedSegments {
  readonly segments: SharedSegment[]
  readonly startOffset: number
  readonly endOffset: number
  /** What was read since the last checkpoint. */
  readonly replayed: Amount
}

export interface Amount {
  readonly bytes: number
  readonly batches: number
}

/**
 * Tells the owner what is in a partition, by the heads of its batches since the last checkpoint: state needs no more than headers and
 * whole control batches. The same look completes what is known of the segments, and finds the end.
 */
export async function loadSegments(
  parts: LoadParts,
  { checkpoint, segments: rows }: LoadedPartition,
  owner: StoreOwner,
): Promise<LoadedSegments> {
  const from = checkpoint?.offset ?? 0
  owner.restore(checkpoint?.state, from)
  const segments = rows.map((row) => SharedSegment.of(row))
  const replayed = { bytes: 0, batches: 0 }
  for (const [at, segment] of segments.entries()) {
    // With each checkpoint the facts of what lies before it are whole.
    const end = segments[at + 1]?.baseOffset ?? Number.POSITIVE_INFINITY
    if (end <= from) continue
    await eachHead(parts, segment, Math.min(from, segment.nextOffset), (head, size) => {
      if (batchBaseOffset(head) >= segment.nextOffset) {
        segment.note(head, size)
        // Some time since the last checkpoint.
        segment.modifiedAt = parts.clock.now()
      }
      if (batchBaseOffset(head) < from) return
      owner.replay(head)
      replayed.bytes += size
      replayed.batches++
    })
  }
  const endOffset = Math.max(from, segments.at(-1)?.nextOffset ?? 0)
  const startOffset = Math.max(checkpoint?.startOffset ?? 0, segments[0]?.baseOffset ?? endOffset)
  return { segments, startOffset, endOffset, replayed }
}

async function eachHead(
  { tables, clock, isOver }: LoadParts,
  segment: SharedSegment,
  fromOffset: number,
  visit: (head: Buffer, size: number) => void,
): Promise<void> {
  const place = segment.place as SegmentPlace
  let next = fromOffset
  // An outage in the midst of it: on from there.
  await untilAnswered(clock, isOver, () =>
    tables.heads(place, next, ({ lastOffset, size, head }) => {
      next = lastOffset + 1
      visit(head, size)
    }),
  )
}
