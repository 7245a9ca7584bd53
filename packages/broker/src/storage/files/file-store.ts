// Hot path: `append` and `read`. An append costs no I/O by itself: batches gather in the queue, commits in the group commit.

import { basename, dirname } from 'node:path'
import type {
  PartitionKey,
  PartitionStore,
  SegmentRewrite,
  StoredBatches,
  StoredRange,
  StoreOwner,
} from '../storage.js'
import { AppendQueue } from './append-queue.js'
import type { Checkpoints } from './checkpoints.js'
import type { FileContext } from './file-context.js'
import { sliceSegment } from './file-slice.js'
import { GroupCommit } from './group-commit.js'
import { type LoadedPartition, removeSegmentFiles } from './recovery/load-partition.js'
import { verifySegment } from './recovery/verify-segment.js'
import { isOutOfRoom } from './room.js'
import { readSegment, readSegmentNow } from './segment-reader.js'
import { FileRewrite } from './segment-rewrite.js'
import { FileSegment } from './segments/file-segment.js'
import type { IndexImage } from './segments/index-file.js'
import { Tail } from './segments/tail-cache.js'
import { completeSwap, nameSwap, type Swap } from './swap-segments.js'

export interface FileStoreOptions {
  partition: PartitionKey
  folder: string
  /** Whether the folder is there already. */
  hasFolder: boolean
  loaded: LoadedPartition
  owner: StoreOwner
}

/** What a checkpoint stands for: fixed when it is asked for, written when everything before it is durable. */
interface Mark {
  offset: number
  segmentBase: number
  position: number
  state: Buffer
}

/** One partition in a folder of files. */
export class FileStore implements PartitionStore {
  readonly partition: PartitionKey
  startOffset: number
  endOffset: number
  writtenOffset: number
  segments: FileSegment[]
  size: number
  private readonly context: FileContext
  private readonly folder: string
  private readonly owner: StoreOwner
  private readonly queue: AppendQueue
  private readonly commits: GroupCommit
  private readonly checkpoints: Checkpoints
  private readonly tail = new Tail()
  private hasFolder: boolean
  private hasNewNames = false
  private isRolled: boolean
  /** A swap is under way, or was cut short by the disk. */
  private isSwapping = false
  private error: Error | undefined
  /** Checkpoints, removals and swaps, one after the other. */
  private chores: Promise<unknown> = Promise.resolve()

  constructor(context: FileContext, { partition, folder, hasFolder, loaded, owner }: FileStoreOptions) {
    this.context = context
    this.partition = partition
    this.folder = folder
    this.hasFolder = hasFolder
    this.owner = owner
    this.startOffset = loaded.startOffset
    this.endOffset = loaded.endOffset
    this.writtenOffset = loaded.endOffset
    this.segments = loaded.segments
    this.isRolled = loaded.isRolled
    this.checkpoints = loaded.checkpoints
    this.size = bytesOf(loaded.segments)
    this.queue = new AppendQueue(context, {
      isSyncing: () => this.commits.isBusy,
      prepare: () => this.makeFolder(),
      touched: (segment) => this.touched(segment),
      written: (offset) => this.wrote(offset),
      // A full disk may get room again. After any other error nobody knows what the disk still has.
      failed: (error) => this.fail(error, mayPass(error)),
    })
    const commitOwner = {
      durable: (offset: number) => owner.durable(offset),
      failed: (error: Error) => this.fail(error, false),
      syncNames: () => this.syncNames(),
    }
    this.commits = new GroupCommit(context, commitOwner, { name: basename(folder), endOffset: loaded.endOffset })
  }

  get durableOffset(): number {
    return this.commits.durableOffset
  }

  append(batch: Buffer, wantsDurable: boolean): void {
    const segment = this.activeSegment()
    const position = segment.size
    segment.note(batch)
    this.size += batch.length
    this.endOffset = segment.nextOffset
    this.context.tails.add(this.tail, batch, this.context.clock.monotonic())
    this.commits.appended(batch, this.endOffset)
    if (wantsDurable) this.commits.want(this.endOffset)
    this.queue.add(segment, position, batch, this.endOffset)
  }

  requestDurable(): void {
    this.commits.want(this.endOffset)
    this.commits.start()
  }

  roll(state: Buffer): void {
    const closed = this.segments.at(-1)
    if (closed === undefined || this.isRolled) return
    this.isRolled = true
    const mark = { offset: this.endOffset, segmentBase: this.endOffset, position: 0, state }
    const image = closed.indexImage()
    // If this fails, the last checkpoint still stands, and a start reads more.
    this.chore(async () => {
      await this.commits.until(mark.offset)
      await this.context.indexes.store(closed, image)
      this.context.indexes.release(closed)
      await this.writeCheckpoint(mark)
    }).catch(() => undefined)
  }

  checkpoint(startOffset: number, state: Buffer): Promise<void> {
    // One that was asked for earlier may have moved it further.
    this.startOffset = Math.max(this.startOffset, startOffset)
    const active = this.isRolled ? undefined : this.segments.at(-1)
    const segmentBase = active?.baseOffset ?? this.endOffset
    const mark = { offset: this.endOffset, segmentBase, position: active?.size ?? 0, state }
    const image = active?.indexImage()
    return this.chore(async () => {
      await this.commits.until(mark.offset)
      if (active !== undefined && !active.isGone) await this.storeIndex(active, image)
      await this.writeCheckpoint(mark)
    })
  }

  read(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    const endOffset = Math.min(range.endOffset, this.writtenOffset)
    this.tail.follow(this.context.clock.monotonic())
    const bounded = endOffset === range.endOffset ? range : { ...range, endOffset }
    const { mayHold = Infinity } = bounded
    return bounded.maxBytes > mayHold ? this.readOrSlice(bounded, mayHold) : this.readIntoMemory(bounded)
  }

  async offsetBeforeTimestamp(timestamp: number): Promise<number | undefined> {
    const segment = this.segments.find(({ maxTimestamp }) => maxTimestamp >= timestamp)
    if (segment === undefined) return undefined
    return (await this.context.indexes.of(segment)).entryBeforeTime(timestamp).offset
  }

  async verify(baseOffset: number): Promise<void> {
    const segment = this.segments.find((some) => some.baseOffset === baseOffset)
    if (segment !== undefined) await this.verifySegment(segment)
  }

  removeSegmentsBefore(baseOffset: number): Promise<void> {
    const removed = this.segments.filter((segment) => segment.baseOffset < baseOffset)
    this.segments = this.segments.filter((segment) => segment.baseOffset >= baseOffset)
    this.size = bytesOf(this.segments)
    return this.chore(async () => {
      // Oldest first: a crash between must not leave a hole.
      for (const segment of removed) {
        this.forget(segment)
        await removeSegmentFiles(this.context, this.folder, segment.baseOffset)
      }
      if (removed.length > 0) await this.context.disk.syncFolder(this.folder)
    })
  }

  async rewrite(fromOffset: number, toOffset: number): Promise<SegmentRewrite> {
    // The next start ends what was cut short; in place of what a later swap has made it would take away records.
    if (this.isSwapping)
      throw new Error(`An earlier compaction of ${basename(this.folder)} failed; restart the broker.`)
    const owner = { swap: (segment: FileSegment, swap: Swap) => this.chore(() => this.swapIn(segment, swap)) }
    const rewrite = new FileRewrite(this.context, owner, this.folder, { fromOffset, toOffset })
    await rewrite.start()
    return rewrite
  }

  async close(): Promise<void> {
    await this.queue.idle()
    this.queue.stop()
    this.error ??= new Error('The partition is closed.')
    await this.commits.stop(this.error)
    await this.chores.catch(() => undefined)
    this.context.tails.clear(this.tail)
    for (const segment of this.segments) await this.context.files.close(segment.handle)
  }

  private activeSegment(): FileSegment {
    const last = this.segments[this.segments.length - 1]
    if (last !== undefined && !this.isRolled) return last
    const segment = new FileSegment(this.folder, this.endOffset, this.context.clock.now())
    segment.startIndex()
    this.segments.push(segment)
    this.isRolled = false
    return segment
  }

  private async makeFolder(): Promise<void> {
    if (this.hasFolder) return
    await this.context.disk.makeFolder(this.folder)
    await this.context.disk.syncFolder(dirname(this.folder))
    this.hasFolder = true
  }

  private touched(segment: FileSegment): void {
    this.commits.touch(segment)
    if (segment.isNamed) return
    segment.isNamed = true
    this.hasNewNames = true
  }

  private async syncNames(): Promise<void> {
    if (!this.hasNewNames) return
    this.hasNewNames = false
    await this.context.disk.syncFolder(this.folder)
  }

  private wrote(offset: number): void {
    this.writtenOffset = offset
    const active = this.segments[this.segments.length - 1]
    if (active !== undefined) active.modifiedAt = this.context.clock.now()
    this.owner.written(offset)
    this.commits.wrote(offset)
  }

  private fail(error: Error, mayReopen: boolean): void {
    if (this.error !== undefined) return
    this.error = error
    this.queue.stop()
    void this.commits.stop(error)
    this.owner.failed(error, mayReopen)
  }

  /** Where the disk has no room for it a start reads more; the checkpoint must not wait for that. */
  private async storeIndex(segment: FileSegment, image: IndexImage | undefined): Promise<void> {
    try {
      await this.context.indexes.store(segment, image)
    } catch (error) {
      if (!isOutOfRoom(error)) throw error
    }
  }

  private async writeCheckpoint(mark: Mark): Promise<void> {
    await this.makeFolder()
    const checkpoint = { startOffset: this.startOffset, ...mark }
    await this.context.room.spend(() => this.checkpoints.write(checkpoint))
  }

  private readIntoMemory(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    return this.tail.read(range) ?? this.readFilesNow(range) ?? this.readFiles(range)
  }

  /** As much of the range in memory as may be, if that is all there is; else a slice, as far as one can be had. */
  private readOrSlice(range: StoredRange, mayHold: number): StoredBatches | Promise<StoredBatches> {
    const inMemory = { ...range, maxBytes: mayHold }
    const segment = this.segmentFor(range)
    if (segment === undefined || segment.bytesFrom(range.offset) <= mayHold) return this.readIntoMemory(inMemory)
    return this.sliceFiles(segment, range).then((slice) => slice ?? this.readIntoMemory(inMemory))
  }

  private async sliceFiles(segment: FileSegment, range: StoredRange): Promise<StoredBatches | undefined> {
    try {
      return await sliceSegment(this.context, segment, range)
    } catch (error) {
      if (!segment.isGone) throw error
      return undefined
    }
  }

  private segmentFor({ offset, endOffset }: StoredRange): FileSegment | undefined {
    return this.segments.find((some) => some.nextOffset > offset && some.baseOffset < endOffset)
  }

  private readFilesNow(range: StoredRange): StoredBatches | undefined {
    const segment = this.segmentFor(range)
    return segment && readSegmentNow(this.context, segment, range)
  }

  private async readFiles(range: StoredRange): Promise<StoredBatches> {
    for (const segment of this.segments) {
      if (segment.nextOffset <= range.offset || segment.baseOffset >= range.endOffset) continue
      try {
        const found = await this.readSegment(segment, range)
        if (found !== undefined) return found
      } catch (error) {
        if (!segment.isGone) throw error
      }
      // Removed or rewritten while it was read: look again.
      if (segment.isGone) return this.read(range)
    }
    return { buffers: [], size: 0, nextOffset: range.offset }
  }

  /** What does not fit together is checked as a whole, once; then it is known what can be read. */
  private async readSegment(segment: FileSegment, range: StoredRange): Promise<StoredBatches | undefined> {
    const found = await readSegment(this.context, segment, range)
    if (found !== 'doubtful') return found
    if (segment.isGone) return undefined
    await this.verifySegment(segment)
    const again = await readSegment(this.context, segment, range)
    if (again !== 'doubtful') return again
    throw new Error(`${segment.handle.path} cannot be read at offset ${range.offset}.`)
  }

  private verifySegment(segment: FileSegment): Promise<void> {
    const isActive = segment === this.segments.at(-1) && !this.isRolled
    const reach = isActive ? { size: segment.writtenSize, nextOffset: this.writtenOffset } : segment
    return verifySegment(this.context, segment, reach)
  }

  /** The new segment takes the place of the old ones for readers, then on disk. */
  private async swapIn(segment: FileSegment, swap: Swap): Promise<void> {
    this.isSwapping = true
    await nameSwap(this.context, segment, swap)
    const isReplaced = (old: FileSegment) => old.baseOffset >= swap.fromOffset && old.nextOffset <= swap.toOffset
    const replaced = this.segments.filter(isReplaced)
    // What was removed may still stand there, and must not be cleaned once more.
    this.context.tails.clear(this.tail)
    const index = this.segments.findIndex(isReplaced)
    this.segments = this.segments.toSpliced(index, replaced.length, ...(segment.size > 0 ? [segment] : []))
    this.size = bytesOf(this.segments)
    for (const old of replaced) this.forget(old)
    await this.context.files.use(segment.handle, async () => {
      await completeSwap(this.context, this.folder, swap)
      segment.handle.path = new FileSegment(this.folder, segment.baseOffset, 0).handle.path
    })
    this.isSwapping = false
    if (segment.size === 0) return
    await this.context.indexes.store(segment)
    this.context.indexes.release(segment)
  }

  /** Readers that hold the file go on; others look for another segment. */
  private forget(segment: FileSegment): void {
    segment.handle.isGone = true
    void this.context.files.close(segment.handle).catch(() => undefined)
  }

  /** One chore after the other; a failed one does not stop the next. */
  private chore<T>(work: () => Promise<T>): Promise<T> {
    const done = this.chores.then(work, work)
    this.chores = done.catch(() => undefined)
    return done
  }
}

function mayPass(error: NodeJS.ErrnoException): boolean {
  return isOutOfRoom(error) || error.code === 'EMFILE' || error.code === 'ENFILE'
}

function bytesOf(segments: readonly FileSegment[]): number {
  return segments.reduce((sum, { size }) => sum + size, 0)
}
