// Hot path: `append` and `read`. An append costs no I/O by itself: batches gather in the queue, commits in the group commit.

import { basename, dirname } from 'node:path'
import { descriptorSentence } from '@rivven/runtime'
import { SegmentList } from '../segment-list.js'
import type {
  PartitionKey,
  PartitionStore,
  SegmentRewrite,
  StoredBatches,
  StoredRange,
  StoreOwner,
} from '../storage.js'
import { Tail } from '../tail-cache.js'
import { AppendQueue } from './append-queue.js'
import type { Checkpoints } from './checkpoints.js'
import type { FileContext } from './file-context.js'
import { GroupCommit } from './group-commit.js'
import { PartitionReader } from './partition-reader.js'
import { type LoadedPartition, removeSegmentFiles } from './recovery/load-partition.js'
import { isOutOfRoom } from './room.js'
import { FileRewrite } from './segment-rewrite.js'
import { FileSegment } from './segments/file-segment.js'
import type { IndexImage } from './segments/index-file.js'
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
  /** Who appends is held up by writes, not by what waits for them. */
  readonly isFull = false
  readonly wantsRoll = false
  /** The broker that wrote it is the one that opens it: now and then will do. */
  readonly wantsCheckpoint = false
  startOffset: number
  endOffset: number
  writtenOffset: number
  private readonly context: FileContext
  private readonly folder: string
  private readonly owner: StoreOwner
  private readonly queue: AppendQueue
  private readonly commits: GroupCommit
  private readonly checkpoints: Checkpoints
  private readonly list: SegmentList<FileSegment>
  private readonly tail = new Tail()
  private readonly reader: PartitionReader
  private hasFolder: boolean
  private hasNewNames = false
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
    this.list = new SegmentList(loaded.segments, loaded.isRolled)
    const { list: segments, tail } = this
    this.reader = new PartitionReader(context, { segments, tail, writtenOffset: () => this.writtenOffset })
    this.checkpoints = loaded.checkpoints
    this.queue = new AppendQueue(context, {
      isSyncing: () => this.commits.isBusy,
      prepare: () => this.makeFolder(),
      touched: (segment) => this.touched(segment),
      written: (offset) => this.wrote(offset),
      // A full disk may get room again. After any other error nobody knows what the disk still has.
      failed: (error) => this.fail(error, mayPass(error) ? 'reopen' : 'never'),
    })
    const commitOwner = {
      durable: (offset: number) => owner.durable(offset),
      failed: (error: Error) => this.fail(error, 'never'),
      syncNames: () => this.syncNames(),
    }
    this.commits = new GroupCommit(context, commitOwner, { name: basename(folder), endOffset: loaded.endOffset })
  }

  get segments(): readonly FileSegment[] {
    return this.list.all
  }

  get size(): number {
    return this.list.size
  }

  get durableOffset(): number {
    return this.commits.durableOffset
  }

  append(batch: Buffer, wantsDurable: boolean): void {
    const segment = this.activeSegment()
    const position = segment.size
    segment.note(batch)
    this.list.size += batch.length
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
    const closed = this.list.close()
    if (closed === undefined) return
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
    const { active } = this.list
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
    return this.reader.read(range)
  }

  awaited(): void {
    this.tail.follow(this.context.clock.monotonic())
  }

  peek(range: StoredRange): StoredBatches | Promise<StoredBatches> {
    return this.reader.peek(range)
  }

  async offsetBeforeTimestamp(timestamp: number): Promise<number | undefined> {
    const segment = this.list.all.find(({ maxTimestamp }) => maxTimestamp >= timestamp)
    if (segment === undefined) return undefined
    return (await this.context.indexes.of(segment)).entryBeforeTime(timestamp).offset
  }

  async verify(baseOffset: number): Promise<void> {
    const segment = this.list.at(baseOffset)
    if (segment !== undefined) await this.reader.verify(segment)
  }

  removeSegmentsBefore(baseOffset: number): Promise<void> {
    const removed = this.list.dropBefore(baseOffset)
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
    for (const segment of this.list.all) await this.context.files.close(segment.handle)
  }

  abandon(): Promise<void> {
    return this.close()
  }

  private activeSegment(): FileSegment {
    const { active } = this.list
    if (active !== undefined) return active
    const segment = new FileSegment(this.folder, this.endOffset, this.context.clock.now())
    segment.startIndex()
    return this.list.begin(segment)
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
    const { last } = this.list
    if (last !== undefined) last.modifiedAt = this.context.clock.now()
    this.owner.written(offset)
    this.commits.wrote(offset)
  }

  private fail(error: Error, then: 'reopen' | 'never'): void {
    if (this.error !== undefined) return
    this.error = error
    this.queue.stop()
    void this.commits.stop(error)
    this.owner.failed(error, then)
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

  /** The new segment takes the place of the old ones for readers, then on disk. */
  private async swapIn(segment: FileSegment, swap: Swap): Promise<void> {
    this.isSwapping = true
    await nameSwap(this.context, segment, swap)
    // What was removed may still stand there, and must not be cleaned once more.
    this.context.tails.clear(this.tail)
    const replaced = this.list.replace(segment, swap)
    segment.takeTimesOf(replaced)
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

function mayPass(error: Error): boolean {
  return isOutOfRoom(error) || descriptorSentence(error) !== undefined
}
