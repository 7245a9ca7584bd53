// Hot path: `wrote` runs for every gathered write. While one commit runs, whoever asks shares the next: 12,000 and more
// small durable appends a second where each by itself would get 1,000-4,500 (bench/micro/log.mjs).
import type { FileContext } from './file-context.js'
import type { JournalUser } from './journal/journal-user.js'
import type { FileSegment } from './segments/file-segment.js'
import { FreshBatches } from './segments/fresh-batches.js'

export interface GroupCommitOwner {
  /** Everything before this offset is on stable storage. */
  durable(offset: number): void
  failed(error: Error): void
  /** Makes the names of new files durable. */
  syncNames(): Promise<void>
}

interface SyncWaiter {
  offset: number
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * Makes what one partition has written durable, for all who wait at once: little of it through the journal that all
 * partitions share, the rest by flushing its own files.
 */
export class GroupCommit implements JournalUser {
  /** The folder of the partition. */
  readonly name: string
  durableOffset: number
  /** Durable in the partition's own files. */
  private syncedOffset: number
  /** Durable in the journal. */
  private journaledOffset = 0
  private readonly context: FileContext
  private readonly owner: GroupCommitOwner
  private readonly dirty = new Set<FileSegment>()
  private readonly fresh: FreshBatches
  private writtenOffset: number
  private wantedOffset = 0
  private wantedSync = 0
  private isRunning = false
  private error: Error | undefined
  private waiters: SyncWaiter[] = []
  private readonly whenStopped: (() => void)[] = []

  constructor(context: FileContext, owner: GroupCommitOwner, { name, endOffset }: { name: string; endOffset: number }) {
    this.context = context
    this.owner = owner
    this.name = name
    this.writtenOffset = endOffset
    this.durableOffset = endOffset
    this.syncedOffset = endOffset
    this.fresh = new FreshBatches(endOffset)
  }

  /** A commit runs, or will as soon as something is written. */
  get isBusy(): boolean {
    return this.wantedOffset > this.durableOffset || this.wantedSync > this.syncedOffset
  }

  get isSettled(): boolean {
    return this.syncedOffset >= this.journaledOffset
  }

  settle(): Promise<void> {
    return this.until(this.journaledOffset)
  }

  appended(batch: Buffer, nextOffset: number): void {
    this.fresh.add(batch, nextOffset)
  }

  /** Written since the start of this commit: the next one has to take it. */
  wrote(offset: number): void {
    this.writtenOffset = offset
    if (this.isBusy) this.start()
  }

  /** Called after each write to a segment: a commit that runs already may have come too early for it. */
  touch(segment: FileSegment): void {
    this.dirty.add(segment)
  }

  want(offset: number): void {
    if (offset > this.wantedOffset) this.wantedOffset = offset
  }

  /** Starts a commit of what is wanted, unless one runs. */
  start(): void {
    if (this.isRunning || this.error !== undefined || this.writtenOffset === this.syncedOffset) return
    const batches = this.batchesForJournal()
    if (batches === undefined) this.startSync()
    else if (batches.length > 0) this.startJournal(batches)
  }

  /** Resolves when everything before `offset` is durable in its own files; rejects when that has become impossible. */
  until(offset: number): Promise<void> {
    if (offset <= this.syncedOffset) return Promise.resolve()
    if (this.error !== undefined) return Promise.reject(this.error)
    if (offset > this.wantedSync) this.wantedSync = offset
    const promise = new Promise<void>((resolve, reject) => this.waiters.push({ offset, resolve, reject }))
    this.start()
    return promise
  }

  /** No commit begins any more; resolves when the one under way has ended. */
  stop(error: Error): Promise<void> {
    this.error ??= error
    const waiters = this.waiters
    this.waiters = []
    for (const { reject } of waiters) reject(error)
    if (!this.isRunning) return Promise.resolve()
    return new Promise((resolve) => this.whenStopped.push(resolve))
  }

  /** What the journal shall take; undefined: the files have to be flushed. */
  private batchesForJournal(): Buffer[] | undefined {
    if (this.wantedSync > this.syncedOffset || !this.context.journal.isUsable) return undefined
    return this.fresh.take(this.durableOffset, this.writtenOffset)
  }

  private startJournal(batches: readonly Buffer[]): void {
    const target = this.writtenOffset
    this.isRunning = true
    // Even if it fails some of it may be there.
    this.journaledOffset = target
    this.context.journal.commit(this, batches).then(
      () => this.ended(undefined, target),
      // The segments may be flushed as ever.
      () => this.startSync(),
    )
  }

  private startSync(): void {
    this.isRunning = true
    this.context.syncs.add(() => this.sync())
  }

  private async sync(): Promise<void> {
    const target = this.writtenOffset
    let failure: Error | undefined
    try {
      if (this.error === undefined) await this.syncAll()
      if (this.error === undefined) this.synced(target)
    } catch (error) {
      failure = error as Error
    }
    this.ended(failure, target)
  }

  private ended(failure: Error | undefined, target: number): void {
    this.isRunning = false
    for (const tell of this.whenStopped) tell()
    if (this.error !== undefined) return
    // What a failed sync has thrown away nobody can tell: never sync again and call it durable.
    if (failure !== undefined) this.owner.failed(failure)
    else this.reach(target)
  }

  private async syncAll(): Promise<void> {
    const segments = [...this.dirty]
    this.dirty.clear()
    await this.owner.syncNames()
    for (const segment of segments) {
      // What compaction or retention has taken away meanwhile needs no sync.
      if (!segment.isGone) await this.context.files.use(segment.handle, (file) => file.sync())
    }
  }

  private synced(offset: number): void {
    this.fresh.take(offset, offset)
    this.syncedOffset = offset
    if (this.waiters.length === 0) return
    const reached = this.waiters.filter((waiter) => waiter.offset <= offset)
    this.waiters = this.waiters.filter((waiter) => waiter.offset > offset)
    for (const { resolve } of reached) resolve()
  }

  private reach(offset: number): void {
    if (offset > this.durableOffset) {
      this.durableOffset = offset
      this.owner.durable(offset)
    }
    if (this.isBusy) this.start()
  }
}
