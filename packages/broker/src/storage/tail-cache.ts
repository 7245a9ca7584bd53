// Hot path: every appended batch is added, every fetch at the end of a log is served from here.
import { batchBaseOffset, batchNextOffset } from '@rivven/protocol'
import { frameBuffers } from '../frame-buffers.js'
import type { StoredBatches, StoredRange } from './storage.js'

/** What an entry costs beside the bytes of its batch, about. */
const ENTRY_BYTES = 200
/** Many small pieces cost more to send than to copy together (bench/micro/log.mjs). */
const SMALL_PIECE_BYTES = 4096
/** A partition that nobody has read for so long is not cached: its batches need not outlive their write. */
const FOLLOWED_MS = 10_000
/** Who has not read a batch after so long does not read at the end: it may read files. */
const KEPT_MS = 60_000
/** Small batches are copied together into pieces of this size: chunks of many KiB would be kept for some hundred bytes each. */
const GATHERED_BYTES = 64 * 1024

/**
 * The newest batches of all partitions that somebody reads, in the memory they came in or, where they are little of it,
 * copied together; the oldest go when the budget is used up, or when they have been here for a minute.
 */
export class TailCache {
  private readonly maxBytes: number
  private readonly order = new Queue<Tail>()
  /** When each came. */
  private readonly times = new Queue<number>()
  /** How many batches lie in a piece of memory: one keeps all of it. */
  private readonly held = new Map<ArrayBufferLike, number>()
  /** Room for the next small ones. */
  private gathered = Buffer.alloc(0)
  /** Of all memory that batches here keep. */
  bytes = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  add(tail: Tail, batch: Buffer, now: number): void {
    if (!tail.isFollowed(now)) {
      this.clear(tail)
      return
    }
    const kept = this.compact(batch)
    frameBuffers.keep(kept)
    tail.push(kept)
    this.order.push(tail)
    this.times.push(now)
    this.hold(kept.buffer)
    while (this.bytes > this.maxBytes || this.times.at(0) < now - KEPT_MS) this.letGoOldest()
  }

  /** Forgets all of one partition. */
  clear(tail: Tail): void {
    for (let batch = tail.shift(); batch !== undefined; batch = tail.shift()) this.letGo(batch)
  }

  private letGoOldest(): void {
    this.times.shift()
    this.letGo(this.order.shift()?.shift())
  }

  /** The batch, or a copy where it is little of the memory that it lies in. */
  private compact(batch: Buffer): Buffer {
    const { length } = batch
    if (length * 2 >= batch.buffer.byteLength) return batch
    if (this.gathered.length < length) this.gathered = Buffer.allocUnsafeSlow(Math.max(length, GATHERED_BYTES))
    const copy = this.gathered.subarray(0, length)
    copy.set(batch)
    this.gathered = this.gathered.subarray(length)
    return copy
  }

  private hold(memory: ArrayBufferLike): void {
    const others = this.held.get(memory) ?? 0
    this.held.set(memory, others + 1)
    this.bytes += others === 0 ? memory.byteLength + ENTRY_BYTES : ENTRY_BYTES
  }

  private letGo(batch: Buffer | undefined): void {
    if (batch === undefined) return
    const memory = batch.buffer
    const others = (this.held.get(memory) ?? 1) - 1
    if (others > 0) this.held.set(memory, others)
    else this.held.delete(memory)
    this.bytes -= others === 0 ? memory.byteLength + ENTRY_BYTES : ENTRY_BYTES
  }
}

/** The newest batches of one partition, without gaps up to its end. */
export class Tail {
  private readonly batches = new Queue<Buffer>()
  private followedUntil = -Infinity

  /** Somebody reads the partition, and is likely to go on. */
  follow(now: number): void {
    this.followedUntil = now + FOLLOWED_MS
  }

  isFollowed(now: number): boolean {
    return now < this.followedUntil
  }

  push(batch: Buffer): void {
    this.batches.push(batch)
  }

  shift(): Buffer | undefined {
    return this.batches.shift()
  }

  /** Whole batches, or undefined if the first of them is not here any more. */
  read({ offset, endOffset, maxBytes, atLeastOne }: StoredRange): StoredBatches | undefined {
    const { batches } = this
    if (batches.length === 0 || batchBaseOffset(batches.at(0)) > offset) return undefined
    const buffers: Buffer[] = []
    let size = 0
    let nextOffset = offset
    for (let index = this.indexOf(offset); index < batches.length; index++) {
      const batch = batches.at(index)
      if (batchBaseOffset(batch) >= endOffset) break
      if (size + batch.length > maxBytes && !(atLeastOne && size === 0)) break
      buffers.push(batch)
      size += batch.length
      nextOffset = batchNextOffset(batch)
    }
    const isInPieces = buffers.length > 8 && size < buffers.length * SMALL_PIECE_BYTES
    return { buffers: isInPieces ? [Buffer.concat(buffers, size)] : buffers, size, nextOffset }
  }

  /** The last batch that begins at or before `offset`; there is one. */
  private indexOf(offset: number): number {
    let low = 0
    let high = this.batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (batchBaseOffset(this.batches.at(middle)) <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

/** First in, first out, with access by place: Array#shift would move everything. */
class Queue<T> {
  private items: (T | undefined)[] = []
  private head = 0

  get length(): number {
    return this.items.length - this.head
  }

  push(item: T): void {
    this.items.push(item)
  }

  at(index: number): T {
    return this.items[this.head + index]!
  }

  shift(): T | undefined {
    if (this.head === this.items.length) return undefined
    const item = this.items[this.head]
    this.items[this.head++] = undefined
    if (this.head >= 64 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }
}
