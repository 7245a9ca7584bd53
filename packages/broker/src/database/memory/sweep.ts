import type { OldestChunks } from '../log-tables.js'
import { type Keep, keptForMs } from '../metadata.js'
import type { MemoryServer } from './memory-server.js'
import type { DatedChunk, Tables } from './tables.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const FULL_BYTES = 8 * 2 ** 30

/** The chores of `LogTables.sweep`. */
export function sweepTables(server: MemoryServer): void {
  const { tables, now } = server
  for (const chunk of tables.chunks.values()) if (!chunk.isClosed && isUsedUp(tables, chunk, now)) close(server, chunk)
  for (const [segmentId, { since }] of tables.deadSegments) {
    if (since + MINUTE_MS > now) continue
    tables.deadSegments.delete(segmentId)
    tables.batches.delete(segmentId)
  }
  for (const { chunk, isClosed, closedAt } of tables.chunks.values()) {
    if (isClosed && closedAt + MINUTE_MS <= now && isUnused(tables, chunk)) tables.chunks.delete(chunk)
  }
  for (const { topicId, isDeleted, deletedAt } of tables.topics.values()) {
    if (isDeleted && deletedAt + HOUR_MS <= now) tables.topics.delete(topicId)
  }
}

/** Of those that wait to be dropped. */
export function oldestChunks({ tables, now }: MemoryServer): OldestChunks {
  const oldest = new Map<Keep, number>()
  for (const { keep, isClosed, openedAt } of tables.chunks.values())
    if (isClosed && keep !== 'kept') oldest.set(keep, Math.max(oldest.get(keep) ?? 0, now - openedAt))
  return oldest
}

/** Nothing lies in it: it need not be closed, however old it is. */
function isUsedUp(tables: Tables, { chunk, keep, openedAt }: DatedChunk, now: number): boolean {
  if (isUnused(tables, chunk)) return false
  return now - openedAt >= keptForMs[keep] / 16 || bytesIn(tables, chunk) >= FULL_BYTES
}

function isUnused(tables: Tables, chunk: number): boolean {
  const isIn = (segment: { chunk: number }) => segment.chunk === chunk
  return ![...tables.segments.values(), ...tables.deadSegments.values()].some(isIn)
}

function bytesIn(tables: Tables, chunk: number): number {
  let bytes = 0
  for (const segment of tables.segments.values()) {
    if (segment.chunk === chunk) bytes += tables.batches.get(segment.segmentId)?.bytes ?? 0
  }
  return bytes
}

function close(server: MemoryServer, chunk: DatedChunk): void {
  const { tables, now } = server
  const changed = server.nextVersion()
  const next = tables.takeIds('chunk', 1)
  tables.chunks.set(chunk.chunk, { ...chunk, isClosed: true, closedAt: now, changed })
  tables.chunks.set(next, { ...chunk, chunk: next, openedAt: now, changed })
}
