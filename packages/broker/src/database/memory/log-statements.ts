import type { Term } from '../database.js'
import { UnavailableError } from '../database-error.js'
import {
  type BatchHead,
  type Flush,
  type FlushPart,
  HEAD_BYTES,
  type LoadedPartition,
  type LogTables,
  type NewBatch,
  type NewCheckpoint,
  type OldestChunks,
  type SegmentPlace,
  type SegmentRow,
} from '../log-tables.js'
import type { MemoryServer } from './memory-server.js'
import type { Statements } from './statements.js'
import { oldestChunks, sweepTables } from './sweep.js'

const HOUR_MS = 3_600_000

/** `heads` answers them all: whoever asked shows them one by one. */
export type LogCalls = Omit<LogTables, 'heads'> & {
  heads(segment: SegmentPlace, fromOffset: number): Promise<BatchHead[]>
}

export class LogStatements implements Statements<LogCalls> {
  readonly #server: MemoryServer

  constructor(server: MemoryServer) {
    this.#server = server
  }

  load(terms: readonly Term[]): LoadedPartition[] {
    const { tables } = this.#server
    return terms
      .filter((term) => this.#stands(term))
      .map(({ partId, epoch }) => {
        return { partId, epoch, checkpoint: tables.checkpoints.get(partId), segments: tables.segmentsOf(partId) }
      })
  }

  heads({ segmentId }: SegmentPlace, fromOffset: number): BatchHead[] {
    return Array.from(this.#batches(segmentId, fromOffset), ({ lastOffset, payload }) => {
      return { lastOffset, size: payload.length, head: payload.subarray(0, HEAD_BYTES) }
    })
  }

  append({ chunk, parts }: Flush): ReadonlySet<number> | 'repeated' {
    const { tables } = this.#server
    if (!tables.chunks.has(chunk)) throw new UnavailableError(`There is no chunk ${chunk} any more.`)
    const standing = parts.filter(({ term }) => this.#stands(term))
    if (standing.some((part) => this.#isThere(part))) return 'repeated'
    for (const { begun, batches } of standing) {
      for (const segment of begun) tables.segments.set(segment.segmentId, segment)
      for (const batch of batches) tables.batchesOf(batch.segmentId).add(batch)
    }
    return partIdsOf(standing)
  }

  stored({ parts }: Flush): ReadonlySet<number> {
    return partIdsOf(parts.filter((part) => this.#stands(part.term) && this.#isThere(part)))
  }

  checkpoint(term: Term, { segments, ...checkpoint }: NewCheckpoint): boolean {
    if (!this.#stands(term)) return false
    const { tables } = this.#server
    tables.checkpoints.set(term.partId, checkpoint)
    for (const segment of segments) {
      if (tables.segments.has(segment.segmentId)) tables.segments.set(segment.segmentId, segment)
    }
    return true
  }

  writeSegment({ segmentId, chunk }: SegmentPlace, batches: readonly NewBatch[]): void {
    const { tables, now } = this.#server
    // One that was brought in already is not to die.
    if (tables.segments.has(segmentId)) return
    if (!tables.deadSegments.has(segmentId)) tables.deadSegments.set(segmentId, { chunk, since: now + HOUR_MS })
    const there = tables.batchesOf(segmentId)
    for (const batch of batches) if (!there.has(batch.lastOffset)) there.add(batch)
  }

  swapSegments(term: Term, gone: readonly number[], added: readonly SegmentRow[]): boolean {
    const { tables } = this.#server
    const isWritten = ({ segmentId }: SegmentRow) =>
      tables.segments.has(segmentId) || tables.deadSegments.has(segmentId)
    if (!this.#stands(term) || !added.every(isWritten)) return false
    for (const segmentId of gone) this.#server.bury(segmentId)
    for (const segment of added) {
      tables.deadSegments.delete(segment.segmentId)
      tables.segments.set(segment.segmentId, segment)
    }
    return true
  }

  read({ segmentId }: SegmentRow, { fromOffset, maxBytes }: { fromOffset: number; maxBytes: number }): Buffer[] {
    const found: Buffer[] = []
    let size = 0
    for (const { payload } of this.#batches(segmentId, fromOffset)) {
      if (found.length > 0 && size + payload.length > maxBytes) break
      found.push(payload)
      size += payload.length
    }
    return found
  }

  firstOffsetAt({ segmentId }: SegmentPlace, timestamp: number): number | undefined {
    for (const { maxTimestamp, baseOffset } of this.#batches(segmentId, 0))
      if (maxTimestamp >= timestamp) return baseOffset
    return undefined
  }

  sweep(): OldestChunks {
    sweepTables(this.#server)
    return oldestChunks(this.#server)
  }

  #stands({ partId, epoch }: Term): boolean {
    return this.#server.tables.partitions.get(partId)?.epoch === epoch
  }

  /** Whether any of its rows would be there twice. */
  #isThere({ begun, batches }: FlushPart): boolean {
    const { tables } = this.#server
    if (begun.some(({ segmentId }) => tables.segments.has(segmentId))) return true
    return batches.some(({ segmentId, lastOffset }) => tables.batches.get(segmentId)?.has(lastOffset))
  }

  #batches(segmentId: number, fromOffset: number): Iterable<NewBatch> {
    return this.#server.tables.batches.get(segmentId)?.from(fromOffset) ?? []
  }
}

function partIdsOf(parts: readonly FlushPart[]): ReadonlySet<number> {
  return new Set(parts.map(({ term }) => term.partId))
}
