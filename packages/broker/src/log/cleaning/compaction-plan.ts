import type { SegmentInfo } from '../../storage/storage.js'
import type { TopicLogConfig } from '../logs.js'

/** Offsets of a segment must fit into 31 bits above its base. */
const MAX_OFFSET_RANGE = 2 ** 31 - 1

export interface CompactionFacts {
  segments: readonly SegmentInfo[]
  /** Below this all transactions have ended and all is written. */
  stableOffset: number
  /** Everything before it was cleaned earlier. */
  cleanedOffset: number
  now: number
}

/**
 * The oldest closed segments that may be cleaned now, or none if that would not pay (data-plane.md §15.3). A damaged one ends
 * them: what it holds stays in the log, so tombstones and markers behind it must stay, too.
 */
export function segmentsToClean(facts: CompactionFacts, config: TopicLogConfig): readonly SegmentInfo[] {
  const cleanable = cleanableSegments(facts, config)
  const dirty = cleanable.filter((segment) => segment.nextOffset > facts.cleanedOffset)
  if (dirty.length === 0) return []
  const isOverdue = facts.now - beginOf(dirty[0]!) > config.maxCompactionLagMs
  const ratio = sizeOf(dirty) / Math.max(1, sizeOf(cleanable))
  return isOverdue || ratio >= config.minCleanableDirtyRatio ? cleanable : []
}

/** Neighbours that fit into one segment are cleaned into one. */
export function groupSegments(segments: readonly SegmentInfo[], config: TopicLogConfig): SegmentInfo[][] {
  const groups: SegmentInfo[][] = []
  let group: SegmentInfo[] = []
  for (const segment of segments) {
    const fits = sizeOf(group) + segment.size <= config.segmentBytes
    const isNear = group.length === 0 || segment.nextOffset - 1 - group[0]!.baseOffset <= MAX_OFFSET_RANGE
    if (group.length > 0 && !(fits && isNear)) {
      groups.push(group)
      group = []
    }
    group.push(segment)
  }
  if (group.length > 0) groups.push(group)
  return groups
}

function cleanableSegments({ segments, stableOffset, now }: CompactionFacts, config: TopicLogConfig): SegmentInfo[] {
  const closed = segments.slice(0, -1)
  const firstKept = closed.findIndex(
    ({ nextOffset, maxTimestamp, isDamaged }) =>
      nextOffset > stableOffset || now - maxTimestamp < config.minCompactionLagMs || isDamaged,
  )
  return firstKept < 0 ? closed : closed.slice(0, firstKept)
}

function beginOf({ firstTimestamp, createdAt }: SegmentInfo): number {
  return firstTimestamp >= 0 ? firstTimestamp : createdAt
}

function sizeOf(segments: readonly SegmentInfo[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0)
}
