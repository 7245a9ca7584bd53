// Hot path: every append passes here.
import { batchBaseOffset, batchLastOffset, batchMaxTimestamp } from '@rivven/protocol'
import type { Term } from '../../database/database.js'
import type { FlushBatch, FlushPart, SegmentRow } from '../../database/log-tables.js'
import { frameBuffers } from '../../frame-buffers.js'
import type { SegmentIds } from './segment-ids.js'
import type { SharedSegment } from './shared-segment.js'

export interface OutgoingOwner {
  /** Where segments begin now. */
  currentChunk(): number
  /** All before this offset is stored. */
  stored(nextOffset: number): void
  /** The term is over; nothing that waits will be stored. */
  refused(): void
  failed(error: Error): void
}

/** Bytes that wait in all lanes together. */
export interface Backlog {
  bytes: number
}

/** Room in one statement. */
export interface FlushRoom {
  bytes: number
  batches: number
}

interface Waiting {
  readonly segment: SharedSegment
  readonly batch: Buffer
}

/** The appends of one partition that are not stored yet: those that wait, and those of one statement that is under way. */
export class Outgoing {
  readonly term: Term
  readonly #owner: OutgoingOwner
  readonly #ids: SegmentIds
  readonly #backlog: Backlog
  #waiting: Waiting[] = []
  #sent: Waiting[] = []
  #isClosed = false

  constructor(term: Term, owner: OutgoingOwner, { ids, backlog }: { ids: SegmentIds; backlog: Backlog }) {
    this.term = term
    this.#owner = owner
    this.#ids = ids
    this.#backlog = backlog
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Where the next batch goes; undefined: none waits. */
  get chunk(): number | undefined {
    const first = this.#waiting[0]
    return first && this.#chunkOf(first.segment)
  }

  add(segment: SharedSegment, batch: Buffer): void {
    if (this.#isClosed) return
    this.#waiting.push({ segment, batch })
    this.#backlog.bytes += batch.length
  }

  /** The batches that go first, as far as they lie in this chunk and there is room; one at least if they are first of all. */
  take(chunk: number, room: FlushRoom): FlushPart | undefined {
    const isFirst = (at: number) => at === 0 && room.bytes > 0
    const begun: SegmentRow[] = []
    const batches: FlushBatch[] = []
    let count = 0
    for (const { segment, batch } of this.#waiting) {
      if (room.batches === 0 || this.#chunkOf(segment) !== chunk) break
      if (batch.length > room.bytes && !isFirst(count)) break
      if (segment.place === undefined) begun.push(this.#begin(segment, chunk))
      batches.push(rowOf(batch, segment.place!.segmentId))
      room.bytes -= batch.length
      room.batches--
      count++
    }
    if (count === 0) return undefined
    this.#sent = this.#waiting.splice(0, count)
    return { term: this.term, begun, batches }
  }

  stored(): void {
    const last = this.#sent.at(-1)!
    this.#endSent()
    if (!this.#isClosed) this.#owner.stored(batchLastOffset(last.batch) + 1)
  }

  refused(): void {
    this.#endSent()
    if (!this.#isClosed) this.#owner.refused()
  }

  failed(error: Error): void {
    this.#endSent()
    if (!this.#isClosed) this.#owner.failed(error)
  }

  /** Nothing that waits is sent. What was sent may be sent once more, and whoever lent its memory takes that back now. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { batch } of this.#sent) frameBuffers.keep(batch)
    for (const { batch } of this.#waiting) this.#backlog.bytes -= batch.length
    this.#waiting = []
  }

  #endSent(): void {
    for (const { batch } of this.#sent) this.#backlog.bytes -= batch.length
    this.#sent = []
  }

  #chunkOf({ place }: SharedSegment): number {
    return place?.chunk ?? this.#owner.currentChunk()
  }

  /** Its row says what is known before its first batch. */
  #begin(segment: SharedSegment, chunk: number): SegmentRow {
    segment.place = { segmentId: this.#ids.take(), chunk }
    const { baseOffset, createdAt } = segment
    return {
      ...segment.place,
      ...{ partId: this.term.partId, baseOffset, nextOffset: baseOffset, size: 0, batches: 0, largest: 0 },
      ...{ firstTimestamp: -1, maxTimestamp: -1, maxTimestampOffset: baseOffset },
      ...{ createdAt, modifiedAt: createdAt },
    }
  }
}

function rowOf(payload: Buffer, segmentId: number): FlushBatch {
  const baseOffset = batchBaseOffset(payload)
  const maxTimestamp = batchMaxTimestamp(payload)
  return { segmentId, baseOffset, lastOffset: batchLastOffset(payload), maxTimestamp, payload }
}
