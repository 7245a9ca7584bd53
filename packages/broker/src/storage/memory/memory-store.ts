// Hot path: an append is a push; what was appended in one turn of the event loop is told of once.
import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type {
  PartitionKey,
  PartitionStore,
  SegmentRewrite,
  StoredBatches,
  StoredRange,
  StoreOwner,
} from '../storage.js'
import { MemorySegment } from './memory-segment.js'

/** What stays of a partition while nobody has it open. */
export interface MemoryPartition {
  key: PartitionKey
  term: number
  segments: MemorySegment[]
  startOffset: number
  endOffset: number
  state: Buffer | undefined
  stateOffset: number
}

export class MemoryStore implements PartitionStore {
  readonly partition: PartitionKey
  private readonly kept: MemoryPartition
  private readonly owner: StoreOwner
  private readonly clock: Clock
  private toldOffset: number
  private isTelling = false
  private wantsRoll = false
  private bytes = 0

  constructor(kept: MemoryPartition, owner: StoreOwner, clock: Clock) {
    this.partition = kept.key
    this.kept = kept
    this.owner = owner
    this.clock = clock
    this.toldOffset = kept.endOffset
    for (const segment of kept.segments) this.bytes += segment.size
    this.replayAll()
  }

  get startOffset(): number {
    return this.kept.startOffset
  }

  get endOffset(): number {
    return this.kept.endOffset
  }

  get writtenOffset(): number {
    return this.toldOffset
  }

  get durableOffset(): number {
    return this.toldOffset
  }

  get segments(): readonly MemorySegment[] {
    return this.kept.segments
  }

  get size(): number {
    return this.bytes
  }

  append(batch: Buffer): void {
    this.activeSegment().append(batch, this.clock.now())
    this.bytes += batch.length
    this.kept.endOffset = batchNextOffset(batch)
    this.requestDurable()
  }

  requestDurable(): void {
    if (this.isTelling) return
    this.isTelling = true
    queueMicrotask(() => this.tell())
  }

  roll(state: Buffer): void {
    this.wantsRoll = true
    this.kept.state = state
    this.kept.stateOffset = this.kept.endOffset
  }

  async checkpoint(startOffset: number, state: Buffer): Promise<void> {
    this.kept.startOffset = startOffset
    this.kept.state = state
    this.kept.stateOffset = this.kept.endOffset
  }

  read(range: StoredRange): StoredBatches {
    const buffers: Buffer[] = []
    let size = 0
    for (let index = this.segmentOf(range.offset); index < this.kept.segments.length; index++) {
      const part = this.kept.segments[index]!.collect(range, range.maxBytes - size, buffers)
      size += part.size
      if (part.isFull) break
    }
    const last = buffers[buffers.length - 1]
    return { buffers, size, nextOffset: last === undefined ? range.offset : batchNextOffset(last) }
  }

  async offsetBeforeTimestamp(timestamp: number): Promise<number | undefined> {
    return this.kept.segments.find(({ maxTimestamp }) => maxTimestamp >= timestamp)?.offsetBefore(timestamp)
  }

  async removeSegmentsBefore(baseOffset: number): Promise<void> {
    const { segments } = this.kept
    while (segments.length > 0 && segments[0]!.nextOffset <= baseOffset) this.bytes -= segments.shift()!.size
  }

  async rewrite(fromOffset: number, toOffset: number): Promise<SegmentRewrite> {
    const old = this.kept.segments.filter((s) => s.baseOffset >= fromOffset && s.nextOffset <= toOffset)
    const fresh = new MemorySegment(fromOffset, old[0]?.createdAt ?? this.clock.now())
    const modifiedAt = old.at(-1)?.modifiedAt ?? fresh.createdAt
    return {
      // The engine keeps what it is given: a slice would hold the whole chunk that it was read from.
      add: async (batch) => fresh.append(batch, modifiedAt),
      commit: async () => this.swap(old, fresh),
      abandon: () => Promise.resolve(),
    }
  }

  async close(): Promise<void> {
    this.tell()
  }

  private activeSegment(): MemorySegment {
    const { segments, endOffset } = this.kept
    const last = segments[segments.length - 1]
    if (last !== undefined && !this.wantsRoll) return last
    this.wantsRoll = false
    const segment = new MemorySegment(endOffset, this.clock.now())
    segments.push(segment)
    return segment
  }

  private tell(): void {
    this.isTelling = false
    const offset = this.kept.endOffset
    if (offset > this.toldOffset) {
      this.toldOffset = offset
      this.owner.written(offset)
    }
    this.owner.durable(offset)
  }

  private replayAll(): void {
    const { state, stateOffset, segments } = this.kept
    this.owner.restore(state, stateOffset)
    for (const segment of segments) {
      if (segment.nextOffset <= stateOffset) continue
      for (const batch of segment.batches) if (batchBaseOffset(batch) >= stateOffset) this.owner.replay(batch)
    }
  }

  private swap(old: readonly MemorySegment[], fresh: MemorySegment): void {
    const at = this.kept.segments.indexOf(old[0]!)
    // Retention may have taken them meanwhile.
    if (at < 0) return
    const put = fresh.batches.length > 0 ? [fresh] : []
    const removed = this.kept.segments.splice(at, old.length, ...put)
    for (const segment of removed) this.bytes -= segment.size
    this.bytes += fresh.size
  }

  private segmentOf(offset: number): number {
    const { segments } = this.kept
    let low = 0
    let high = segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (segments[middle]!.nextOffset <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
