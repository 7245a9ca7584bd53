// Hot path: every append passes `add`. Batches that come while code runs, or while a write is under way, go out together in
// one writev; write-pace says which writes are done at once and which in the thread pool, with the figures.
import type { FileContext } from './file-context.js'
import type { FileSegment } from './segments/file-segment.js'

export interface AppendQueueOwner {
  /** Called before a file is opened that may have to be made. */
  prepare(): Promise<void>
  /** Something was written to this segment that is not durable. */
  touched(segment: FileSegment): void
  isSyncing(): boolean
  /** The operating system has everything before this offset. */
  written(offset: number): void
  failed(error: Error): void
}

/** Batches that lie side by side in one segment. */
interface Gathered {
  segment: FileSegment
  position: number
  batches: Buffer[]
  bytes: number
  nextOffset: number
}

/** One iovec list of the system is no longer than this. */
const MAX_BATCHES = 1024
const MAX_BYTES = 4_194_304

/** Appends of one partition on their way to the operating system, in order. */
export class AppendQueue {
  private readonly context: FileContext
  private readonly owner: AppendQueueOwner
  private waiting: Gathered[] = []
  private isScheduled = false
  private isWriting = false
  private isStopped = false
  private whenIdle: (() => void)[] = []

  constructor(context: FileContext, owner: AppendQueueOwner) {
    this.context = context
    this.owner = owner
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && !this.isWriting
  }

  add(segment: FileSegment, position: number, batch: Buffer, nextOffset: number): void {
    if (this.isStopped) return
    const last = this.waiting[this.waiting.length - 1]
    const fits =
      last !== undefined && last.segment === segment && last.bytes < MAX_BYTES && last.batches.length < MAX_BATCHES
    if (fits) {
      last.batches.push(batch)
      last.bytes += batch.length
      last.nextOffset = nextOffset
    } else {
      this.waiting.push({ segment, position, batches: [batch], bytes: batch.length, nextOffset })
    }
    if (this.isScheduled || this.isWriting) return
    this.isScheduled = true
    queueMicrotask(() => this.writeWaiting())
  }

  /** Resolves when nothing is waiting or being written. */
  idle(): Promise<void> {
    if (this.isIdle || this.isStopped) return Promise.resolve()
    return new Promise((resolve) => this.whenIdle.push(resolve))
  }

  /** Takes nothing more, and forgets what was not written. */
  stop(): void {
    this.isStopped = true
    this.waiting = []
    this.tellIdle()
  }

  private writeWaiting(): void {
    this.isScheduled = false
    let nextOffset = -1
    try {
      while (this.waiting.length > 0 && this.writeNow(this.waiting[0]!)) nextOffset = this.waiting.shift()!.nextOffset
    } catch (error) {
      this.fail(error as Error)
      return
    }
    if (nextOffset >= 0) this.owner.written(nextOffset)
    if (this.waiting.length > 0 && !this.isWriting) void this.writeLater()
    else this.tellIdle()
  }

  /** False if it would have to wait for something. */
  private writeNow({ segment, position, batches, bytes }: Gathered): boolean {
    if (this.isWriting) return false
    const file = this.context.files.opened(segment.handle)
    if (file === undefined || !this.context.pace.takeTurn(bytes, this.owner.isSyncing())) return false
    this.context.pace.writeNow(() => file.writeNow(batches, position))
    segment.writtenSize = position + bytes
    this.owner.touched(segment)
    return true
  }

  private async writeLater(): Promise<void> {
    this.isWriting = true
    try {
      const gathered = this.waiting.shift()!
      await this.writeInPool(gathered)
      this.isWriting = false
      if (!this.isStopped) this.owner.written(gathered.nextOffset)
    } catch (error) {
      this.isWriting = false
      this.fail(error as Error)
    }
    this.writeWaiting()
  }

  private async writeInPool({ segment, position, batches, bytes }: Gathered): Promise<void> {
    if (segment.handle.file === undefined) await this.owner.prepare()
    await this.context.files.use(segment.handle, (file) => file.write(batches, position))
    segment.writtenSize = position + bytes
    this.owner.touched(segment)
  }

  private fail(error: Error): void {
    if (this.isStopped) return
    this.stop()
    this.owner.failed(error)
  }

  private tellIdle(): void {
    if (!this.isIdle) return
    const told = this.whenIdle
    this.whenIdle = []
    for (const tell of told) tell()
  }
}
