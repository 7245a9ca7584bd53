import { batchMaxTimestamp } from '@rivven/protocol'
import type { SegmentInfo } from '../../storage/storage.js'
import type { TopicLogConfig } from '../logs.js'

/** Offsets of a segment must fit into 31 bits above its base. */
const MAX_OFFSET_RANGE = 2 ** 31 - 1

/** Must this batch begin a new segment (data-plane.md §15.1)? */
export function needsRoll(active: SegmentInfo, batch: Buffer, nextOffset: number, config: TopicLogConfig): boolean {
  if (active.size === 0) return false
  if (active.size + batch.length > config.segmentBytes) return true
  if (nextOffset - 1 - active.baseOffset > MAX_OFFSET_RANGE) return true
  const timestamp = batchMaxTimestamp(batch)
  return active.firstTimestamp >= 0 && timestamp - active.firstTimestamp > longestSegmentMs(config)
}

/** The same for segments without timestamps, by the time of their first append. */
export function isTooOld(active: SegmentInfo, now: number, config: TopicLogConfig): boolean {
  return active.size > 0 && active.firstTimestamp < 0 && now - active.createdAt > longestSegmentMs(config)
}

/** Only closed segments are compacted: one that takes appends for longer would hold records beyond max.compaction.lag.ms. */
function longestSegmentMs({ cleanupPolicy, segmentMs, maxCompactionLagMs }: TopicLogConfig): number {
  return cleanupPolicy.compact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs
}
