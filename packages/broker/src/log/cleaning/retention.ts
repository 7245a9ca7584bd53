import type { SegmentInfo } from '../../storage/storage.js'
import type { TopicLogConfig } from '../logs.js'
import type { StoredLog } from '../stored-log.js'

export interface RetentionFacts {
  segments: readonly SegmentInfo[]
  /** Bytes of all segments. */
  size: number
  logStartOffset: number
  highWatermark: number
  now: number
}

/** How many of the oldest segments may go (data-plane.md §15.2): whole ones, up to the first that may not. */
export function expiredSegments(facts: RetentionFacts, config: TopicLogConfig): number {
  let left = facts.size
  let count = 0
  for (const segment of facts.segments) {
    if (segment.nextOffset > facts.highWatermark || !isExpired(segment, left, facts, config)) break
    left -= segment.size
    count++
  }
  return count
}

function isExpired(segment: SegmentInfo, left: number, facts: RetentionFacts, config: TopicLogConfig): boolean {
  if (segment.nextOffset <= facts.logStartOffset) return true
  if (!config.cleanupPolicy.delete) return false
  const newest = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.modifiedAt
  if (config.retentionMs >= 0 && facts.now - newest > config.retentionMs) return true
  return config.retentionBytes >= 0 && left - config.retentionBytes >= segment.size
}

/** Removes what retention no longer keeps. The new start is durable before any byte goes, so offsets are never reused. */
export async function applyRetention(log: StoredLog, now: number): Promise<void> {
  const { store, logStartOffset, highWatermark, config } = log
  const { segments, size } = store
  const count = expiredSegments({ segments, size, logStartOffset, highWatermark, now }, config)
  if (count === 0) return
  const newStart = segments[count - 1]!.nextOffset
  if (count === segments.length) log.roll()
  const firstKept = segments[count]?.baseOffset ?? newStart
  await log.advanceStart(newStart)
  await store.removeSegmentsBefore(firstKept)
}
