// Hot path: `wrote` runs for every gathered write. While one commit runs, whoever asks shares the next: 12,000 and more
// small durable appends a second where each by itself would get 1,000-4,500 (bench/micro/log.mjs).
import type { FileContext } from './file-context.js'
import type { FileSegment } from './file-segment.js'

export interface GroupCommitOwner {
  /** Everything before this offset is on stable storage. */
  durable(offset: number): void
  failed(error: Error): void
  /** Makes the names of new files durable. */
  syncNames(): Promise<void>
}

interface DurableWaiter {
  offset: number
  resolve: () => void
  reject: (error: Error) => void
}

/** Makes what one partition has written durable, for all who wait at once. */
export class GroupCommit {
  durableOffset: number
  private readonly context: FileContext
  private readonly owner: GroupCommitOwner
  private readonly dirty = new Set<FileSegment>()
  private writtenOffset: number
  private wantedOffset = 0
  private isRunning = false
  private error: Error | undefined
  private waiters: DurableWaiter[] = []
  private readonly whenStopped: (() => void)[] = []

  constructor(context: FileContext, owner: GroupCommitOwner, endOffset: number) {
    this.context = context
    this.owner = owner
    this.writtenOffset = endOffset
    this.durableOffset = endOffset
  }

  /** A commit runs, or will as soon as something is written. */
  get isBusy(): boolean {
    return this.wantedOffset > this.durableOffset
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
    if (this.isRunning || this.error !== undefined || this.writtenOffset === this.durableOffset) return
    this.isRunning = true
    this.context.syncs.add(() => this.commit())
  }

  /** Resolves when everything before `offset` is durable; rejects when that has become impossible. */
  until(offset: number): Promise<void> {
    if (offset <= this.durableOffset) return Promise.resolve()
    if (this.error !== undefined) return Promise.reject(this.error)
    this.want(offset)
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

  private async commit(): Promise<void> {
    const target = this.writtenOffset
    let failure: Error | undefined
    try {
      if (this.error === undefined) await this.syncAll()
    } catch (error) {
      failure = error as Error
    }
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

  private reach(offset: number): void {
    this.durableOffset = offset
    this.owner.durable(offset)
    const reached = this.waiters.filter((waiter) => waiter.offset <= offset)
    if (reached.length > 0) this.waiters = this.waiters.filter((waiter) => waiter.offset > offset)
    for (const { resolve } of reached) resolve()
    if (this.isBusy) this.start()
  }
}
