import { batchHasLogAppendTime, batchMaxTimestamp } from '@rivven/protocol'
import type { SegmentInfo } from '../../storage/storage.js'
import type { AppendClock, Bounds } from '../state/append-clock.js'

/** When a batch came, in ms since 1970. */
export interface Arrival {
  readonly at: number
  /** By the broker's clock, or by the producer's where that is between what the broker knows. */
  readonly basis: 'arrival' | 'timestamp'
  /** False: the middle of a second, or of a tenth of its age at most. */
  readonly isExact: boolean
}

/** What of a log tells when its batches came. */
export interface ArrivalSources {
  readonly clock: AppendClock
  readonly segments: readonly SegmentInfo[]
}

/** A window of so much, or of so much of the age, is told by its middle to who looks at many partitions. */
const narrowMs = 1_000
const narrowShare = 0.1

/** The batch at this base offset came between these times: by the marks, and by the segment that holds it. */
export function arrivalBounds({ clock, segments }: ArrivalSources, baseOffset: number, now: number): Bounds {
  const marked = clock.boundsOf(baseOffset)
  if (marked.from === marked.to) return marked
  const { createdAt = 0, modifiedAt = now } = segments.findLast((segment) => segment.baseOffset <= baseOffset) ?? {}
  const to = Math.max(Math.min(marked.to, modifiedAt, now), Math.min(marked.from, now))
  return { from: Math.min(Math.max(marked.from, createdAt), to), to }
}

/** Without a look at the batch; undefined: that would say too little. */
export function arrivalWithin({ from, to }: Bounds, now: number): Arrival | undefined {
  if (from === to) return { at: from, basis: 'arrival', isExact: true }
  if (to - from > Math.max(narrowMs, narrowShare * (now - to))) return undefined
  return middleOf({ from, to })
}

/** The best guess without a look at the batch, however wide the window is. */
export function middleOf({ from, to }: Bounds): Arrival {
  return { at: from === 0 ? to : (from + to) / 2, basis: 'arrival', isExact: false }
}

/** By the batch's header: a producer's clock counts as far as it does not contradict the broker's. */
export function arrivalOf(batch: Buffer, { from, to }: Bounds): Arrival {
  const timestamp = batchMaxTimestamp(batch)
  if (from === to) return { at: from, basis: 'arrival', isExact: true }
  if (batchHasLogAppendTime(batch)) return { at: timestamp, basis: 'arrival', isExact: true }
  if (timestamp < 0 || timestamp > to) return { at: to, basis: 'arrival', isExact: true }
  if (timestamp < from) return { at: from, basis: 'arrival', isExact: true }
  return { at: timestamp, basis: 'timestamp', isExact: true }
}
