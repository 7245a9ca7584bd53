import { batchBaseOffset, batchMaxTimestamp, batchNextOffset } from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type {
  PartitionKey,
  PartitionStore,
  SegmentInfo,
  SegmentRewrite,
  StoredBatches,
  StoredRange,
  StoreOwner,
} from '../storage.js'
import { MemorySegment } from './memory-segment.js'

interface MemoryCheckpoint {
  startOffset: number
  endOffset: number
  state: Buffer
}

/** One partition as arrays of batches. Written and durable as soon as the code that appends has run to its end. */
export class MemoryStore implements PartitionStore {
  readonly partition: PartitionKey
  readonly isFull = false
  readonly wantsRoll = false
  readonly wantsCheckpoint = false
  startOffset = 0
  endOffset = 0
  writtenOffset = 0
  segments: MemorySegment[] = []
  private readonly clock: Clock
  private owner: StoreOwner | undefined
  private term = -1
  private isRolled = false
  private isTellingSoon = false
  private lastCheckpoint: MemoryCheckpoint | undefined

  constructor(partition: PartitionKey, clock: Clock) {
    this.partition = partition
    this.clock = clock
  }

  get durableOffset(): number {
    return this.writtenOffset
  }

  get size(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0)
  }

  open(term: number, owner: StoreOwner): void {
    if (term < this.term) throw new Error(`A later term than ${term} has opened ${this.partition.topic}.`)
    this.term = term
    this.owner = owner
    const from = this.lastCheckpoint?.endOffset ?? 0
    owner.restore(this.lastCheckpoint?.state, from)
    for (const segment of this.segments) {
      for (const batch of segment.batches) if (batchBaseOffset(batch) >= from) owner.replay(batch)
    }
  }

  append(batch: Buffer): void {
    this.activeSegment().append(batch, this.clock.now())
    this.endOffset = batchNextOffset(batch)
    this.tellSoon()
  }

  requestDurable(): void {
    this.tellSoon()
  }

  roll(): void {
    this.isRolled = true
  }

  async checkpoint(startOffset: number, state: Buffer): Promise<void> {
    this.startOffset = Math.max(this.startOffset, startOffset)
    this.lastCheckpoint = { startOffset: this.startOffset, endOffset: this.endOffset, state }
  }

  read({ offset, endOffset, maxBytes, atLeastOne }: StoredRange): StoredBatches {
    const buffers: Buffer[] = []
    const end = Math.min(endOffset, this.writtenOffset)
    let size = 0
    let nextOffset = offset
    for (const batch of this.batchesFrom(offset)) {
      if (batchBaseOffset(batch) >= end) break
      if (size + batch.length > maxBytes && !(atLeastOne && size === 0)) break
      buffers.push(batch)
      size += batch.length
      nextOffset = batchNextOffset(batch)
    }
    return { buffers, size, nextOffset }
  }

  peek(range: StoredRange): StoredBatches {
    return this.read(range)
  }

  awaited(): void {
    // All of it is in memory.
  }

  async offsetBeforeTimestamp(timestamp: number): Promise<number | undefined> {
    const segment = this.segments.find(({ maxTimestamp }) => maxTimestamp >= timestamp)
    const batch = segment?.batches.find((candidate) => batchMaxTimestamp(candidate) >= timestamp)
    return batch && batchBaseOffset(batch)
  }

  async verify(): Promise<void> {
    // Memory is not damaged.
  }

  async removeSegmentsBefore(baseOffset: number): Promise<void> {
    this.segments = this.segments.filter((segment) => segment.baseOffset >= baseOffset)
  }

  async rewrite(fromOffset: number, toOffset: number): Promise<SegmentRewrite> {
    const segment = new MemorySegment(fromOffset, this.clock.now())
    return {
      add: async (batch) => segment.append(batch, this.clock.now()),
      commit: async () => this.replaceSegments(fromOffset, toOffset, segment),
      abandon: async () => undefined,
    }
  }

  async close(): Promise<void> {
    this.tell()
    this.owner = undefined
  }

  abandon(): Promise<void> {
    return this.close()
  }

  private *batchesFrom(offset: number): Generator<Buffer, void, undefined> {
    for (const segment of this.segments) {
      if (segment.nextOffset <= offset) continue
      for (let index = segment.indexOf(offset); index < segment.batches.length; index++) yield segment.batches[index]!
    }
  }

  private activeSegment(): MemorySegment {
    const last = this.segments.at(-1)
    if (last !== undefined && !this.isRolled) return last
    const segment = new MemorySegment(this.endOffset, this.clock.now())
    this.segments.push(segment)
    this.isRolled = false
    return segment
  }

  private replaceSegments(fromOffset: number, toOffset: number, by: MemorySegment): void {
    const isReplaced = (old: SegmentInfo) => old.baseOffset >= fromOffset && old.nextOffset <= toOffset
    const index = this.segments.findIndex(isReplaced)
    const replaced = this.segments.filter(isReplaced)
    by.nextOffset = toOffset
    by.takeTimesOf(replaced)
    this.segments = this.segments.toSpliced(index, replaced.length, ...(by.size > 0 ? [by] : []))
  }

  /** Batches appended in one go are told of in one go, as with a file. */
  private tellSoon(): void {
    if (this.isTellingSoon) return
    this.isTellingSoon = true
    queueMicrotask(() => this.tell())
  }

  private tell(): void {
    this.isTellingSoon = false
    this.writtenOffset = this.endOffset
    this.owner?.written(this.endOffset)
    this.owner?.durable(this.endOffset)
  }
}
