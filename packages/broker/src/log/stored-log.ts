// Hot path: `append` runs for every produced batch, `read` for every partition of a fetch. Bytes are patched where they lie
// and never copied; figures in bench/micro/log.mjs.
import {
  batchHasLogAppendTime,
  batchLastOffsetDelta,
  ErrorCode,
  setBatchBaseOffset,
  setBatchLeaderEpoch,
} from '@rivven/protocol'
import type { Clock } from '@rivven/runtime'
import type { PartitionKey, PartitionStore, Storage, StoreOwner } from '../storage/storage.js'
import { type AdmittedBatch, admitBatch, refusedAt } from './append/admit-batch.js'
import { AppendAnswers } from './append/append-answers.js'
import { appended, storageIsBehind } from './append/append-results.js'
import { isTooOld, needsRoll } from './append/roll-rule.js'
import { abortedSince } from './arrival/aborted-since.js'
import { guessWaiting, lookForWaiting, type ReaderPlace, type Waiting, waitingNow } from './arrival/waiting.js'
import { LogCondition } from './log-condition.js'
import type { Scarce, TopicLogConfig } from './logs.js'
import type {
  AppendOptions,
  AppendResult,
  PartitionLog,
  ReadRequest,
  ReadResult,
  TimestampedOffset,
} from './partition-log.js'
import { readLog } from './read-log.js'
import { readFailed, readLost } from './read-results.js'
import type { AbortedTransactions } from './state/aborted-transactions.js'
import { epochIsBehind } from './state/leader-epoch.js'
import { PartitionState } from './state/partition-state.js'
import type { BatchDescriptor, ProducerStates } from './state/producer-states.js'
import { findMaxTimestamp, findTimestamp } from './time-lookup.js'
import { VisibleEnd } from './visible-end.js'

export interface StoredLogOptions {
  partition: PartitionKey
  leaderEpoch: number
  config: TopicLogConfig
  storage: Storage
  clock: Clock
  /** Producers that it remembers; it takes no others. Default: no limit. */
  maxProducers?: number
  /** Told when the partition cannot be written any more. */
  onFault?: (partition: PartitionKey, error: Error, during: 'append') => void
}

/** The rules of one partition above its store: offsets, sequences, epochs, what may be read. */
export class StoredLog implements PartitionLog, StoreOwner {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly state: PartitionState
  config: TopicLogConfig
  logStartOffset = 0

  private readonly options: StoredLogOptions
  private readonly condition = new LogCondition()
  private checkpointed = { startOffset: 0, endOffset: 0 }
  private readonly answers = new AppendAnswers()
  private readonly listeners = new Set<() => void>()
  private readonly visible = new VisibleEnd()

  static async open(options: StoredLogOptions): Promise<StoredLog> {
    const log = new StoredLog(options)
    await log.openStore()
    return log
  }

  /** The same at once for a partition that was never written to; undefined where something may be stored. */
  static openNew(options: StoredLogOptions): StoredLog | undefined {
    const log = new StoredLog(options)
    const store = options.storage.openNew(options.partition, options.leaderEpoch, log)
    if (!store) return undefined
    log.take(store)
    return log
  }

  private constructor(options: StoredLogOptions) {
    this.options = options
    this.topic = options.partition.topic
    this.partition = options.partition.partition
    this.leaderEpoch = options.leaderEpoch
    this.config = options.config
    this.state = new PartitionState(options.maxProducers)
  }

  get store(): PartitionStore {
    const { store } = this.condition
    if (store === undefined) throw new Error(`${this.topic}-${this.partition} is being opened.`)
    return store
  }

  get highWatermark(): number {
    return this.visible.offset
  }

  get logEndOffset(): number {
    return this.condition.store?.endOffset ?? this.highWatermark
  }

  /** Never before the log's start: what an open transaction has written there is gone for all readers. */
  get lastStableOffset(): number {
    return Math.max(this.state.stableOffset(this.highWatermark), Math.min(this.logStartOffset, this.highWatermark))
  }

  get producers(): ProducerStates {
    return this.state.producers
  }

  get aborted(): AbortedTransactions {
    return this.state.aborted
  }

  get size(): number {
    return this.condition.store?.size ?? 0
  }

  /** Whether a restart would find all that is known here without reading batches again. */
  get isCheckpointed(): boolean {
    const { startOffset, endOffset } = this.checkpointed
    return startOffset === this.logStartOffset && endOffset === this.logEndOffset
  }

  /** False after an error of the disk, and once drained or closed. */
  get isWritable(): boolean {
    return this.condition.isWritable
  }

  /** Another broker leads it by now, as this one has heard or found out: nothing of it is to be told. */
  get isLost(): boolean {
    return this.condition.isLost
  }

  get isReadable(): boolean {
    return this.condition.isReadable
  }

  get health(): PartitionLog['health'] {
    return this.condition.health
  }

  /** Takes no appends after an error that may pass: `reopen`, then, when there is what it lacked, `resume`. */
  get waitsFor(): Scarce | undefined {
    return this.condition.waitsFor
  }

  append(records: Buffer, options: AppendOptions): Promise<AppendResult> {
    if (!this.condition.isWritable) return Promise.resolve(this.condition.notTaken())
    const now = this.options.clock.now()
    const admission = admitBatch(this, records, options, now)
    switch (admission.kind) {
      case 'admitted':
        return this.storeBatch(admission, options.acks, now)
      case 'repeated':
        return this.answerRepeated(admission.known, admission.batch, options.acks)
      case 'refused':
        return Promise.resolve(admission.result)
    }
  }

  read(request: ReadRequest): ReadResult | Promise<ReadResult> {
    const { condition } = this
    if (condition.isLost) return readLost()
    if (condition.store === undefined || !condition.isReadable) return readFailed()
    const result = readLog(this, condition.store, request)
    return result instanceof Promise ? result.then((read) => (condition.isLost ? readLost() : read)) : result
  }

  waiting(place: ReaderPlace): Waiting | undefined {
    return waitingNow(this, place, this.options.clock.now())
  }

  guessWaiting(place: ReaderPlace): Waiting {
    return guessWaiting(this, place, this.options.clock.now())
  }

  abortedSince(wall: number): number {
    return abortedSince(this, wall, this.options.clock.now())
  }

  async lookForWaiting(place: ReaderPlace): Promise<Waiting> {
    return lookForWaiting(this, place, this.options.clock.now())
  }

  offsetForTimestamp(timestamp: number): Promise<TimestampedOffset | undefined> {
    return findTimestamp(this.store, timestamp, this.logStartOffset)
  }

  offsetOfMaxTimestamp(): Promise<TimestampedOffset | undefined> {
    return findMaxTimestamp(this.store)
  }

  endOffsetForEpoch(epoch: number): { leaderEpoch: number; endOffset: number } {
    return this.state.epochs.endOffsetOf(epoch, this.logEndOffset)
  }

  epochOfOffset(offset: number): number {
    return this.state.epochs.epochAt(offset)
  }

  deleteRecordsBefore(offset: number): Promise<void> {
    return this.advanceStart(Math.min(offset, this.highWatermark))
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Everything before `start` is gone: durably first, so that no reader ever finds again what it was told is gone. */
  async advanceStart(start: number): Promise<void> {
    if (this.checkpointed.startOffset < start) await this.checkpoint(start)
    if (start <= this.logStartOffset) return
    this.logStartOffset = start
    this.state.dropBefore(start)
    this.tellListeners()
  }

  /** Makes the log's state and start durable. Rejects with the error of the disk. */
  async checkpoint(startOffset = this.logStartOffset): Promise<void> {
    const store = this.store
    const written = { startOffset, endOffset: store.endOffset }
    await store.checkpoint(startOffset, this.state.encode())
    this.checkpointed = written
  }

  /** The next append begins a new segment. */
  roll(): void {
    this.store.roll(this.state.encode())
  }

  /** Closes cleanly: what is appended is stored, and a start need not read it again. */
  async close(): Promise<void> {
    if (this.condition.isClosed) return
    this.condition.closed()
    const { store, hasFailed } = this.condition
    try {
      if (store !== undefined && !hasFailed && !this.isCheckpointed) await this.checkpoint()
    } finally {
      this.sendAway()
      await store?.close()
    }
  }

  /** Nothing is appended any more; resolves when all that was is stored and answered. What is here is read on, until `lose`. */
  async drain(): Promise<void> {
    const hasMore = this.isWritable && !this.isCheckpointed
    this.condition.drained()
    if (hasMore) await this.checkpoint()
  }

  /** Closes without a trace: the partition is going to be removed. */
  async abandon(): Promise<void> {
    if (this.condition.isClosed) return
    this.condition.closed()
    this.sendAway()
    await this.condition.store?.abandon()
  }

  /** Another broker leads the partition from now on: nothing more is written, and who waits is told to look for it. */
  lose(): Promise<void> {
    this.condition.lost()
    return this.abandon()
  }

  /** What was stored is read again, as after a crash. Appends are still refused. */
  async reopen(): Promise<void> {
    if (this.waitsFor === undefined || this.health === 'sound') return
    const store = this.condition.reopening()
    try {
      await store?.close()
      await this.openStore()
      this.condition.reopened()
      this.tellListeners()
    } catch {
      // It is tried again, from what the store was.
      this.condition.store = store
    }
  }

  /** Takes appends again. False where it cannot. */
  resume(): boolean {
    if (this.waitsFor === undefined || this.health !== 'sound') return false
    this.condition.resumed()
    this.tellListeners()
    return true
  }

  restore(bytes: Buffer | undefined, offset: number): void {
    const isRestored = this.state.restore(bytes)
    const own = this.leaderEpoch
    const stored = this.state.epochs.newest
    if (this.condition.isFirstOpening ? stored >= own : stored > own)
      throw epochIsBehind(`${this.topic}-${this.partition}`, { own, stored })
    this.checkpointed = { startOffset: -1, endOffset: isRestored ? offset : -1 }
  }

  replay(batch: Buffer): void {
    this.state.replay(batch)
  }

  written(offset: number): void {
    this.visible.written(offset)
    this.state.written(this.highWatermark)
    this.answers.written(offset)
    this.tellListeners()
  }

  durable(offset: number): void {
    const before = this.highWatermark
    this.visible.durable(offset)
    this.answers.durable(offset)
    if (this.highWatermark === before) return
    this.state.written(this.highWatermark)
    this.tellListeners()
  }

  failed(error: Error, then: 'reopen' | 'never' | 'lost'): void {
    this.condition.failed(error, then)
    this.answers.fail(this.condition.notTaken())
    if (this.condition.isLost) this.tellListeners()
    else this.options.onFault?.(this.options.partition, error, 'append')
  }

  /** Whoever waits for an append or a change gets an answer: there is none to come. */
  private sendAway(): void {
    this.answers.fail(this.condition.notTaken())
    this.tellListeners()
  }

  private async openStore(): Promise<void> {
    const { storage, partition, leaderEpoch } = this.options
    this.take(await storage.openPartition(partition, leaderEpoch, this))
  }

  private take(store: PartitionStore): void {
    const range = { fromOffset: Math.max(0, this.checkpointed.endOffset), endOffset: store.endOffset }
    this.state.opened(range, this.options.clock.now())
    this.state.written(store.endOffset)
    this.visible.reset(store.endOffset)
    this.logStartOffset = Math.max(this.logStartOffset, store.startOffset)
    this.state.dropBefore(this.logStartOffset)
    if (store.segments.length === 0 && store.endOffset === 0) this.checkpointed.endOffset = 0
    this.checkpointed.startOffset = store.startOffset
    this.state.epochs.begin(this.leaderEpoch, store.endOffset)
    this.condition.store = store
  }

  private storeBatch({ batch, logAppendTimeMs }: AdmittedBatch, acks: -1 | 0 | 1, now: number): Promise<AppendResult> {
    const store = this.condition.store!
    if (store.isFull) return Promise.resolve(storageIsBehind(this.logStartOffset))
    const baseOffset = store.endOffset
    const nextOffset = baseOffset + batchLastOffsetDelta(batch) + 1
    if (!Number.isSafeInteger(nextOffset)) return Promise.resolve(refusedAt(this, ErrorCode.INVALID_RECORD, batch))
    setBatchBaseOffset(batch, baseOffset)
    setBatchLeaderEpoch(batch, this.leaderEpoch)
    this.rollIfNeeded(store, batch, nextOffset)
    this.state.take(batch)
    this.state.clock.note(baseOffset, now)
    const answer = this.answers.at(nextOffset, acks, appended(baseOffset, logAppendTimeMs, this.logStartOffset))
    if (acks === -1) this.visible.await(baseOffset, nextOffset)
    store.append(batch, acks === -1)
    return answer
  }

  private rollIfNeeded(store: PartitionStore, batch: Buffer, nextOffset: number): void {
    const active = store.segments[store.segments.length - 1]
    if (active === undefined) return
    const isOld = active.firstTimestamp < 0 && isTooOld(active, this.options.clock.now(), this.config)
    if (isOld || store.wantsRoll || needsRoll(active, batch, nextOffset, this.config)) this.roll()
  }

  /** A batch sent again is answered like the first time, and no sooner than the first is as safe as it asks. */
  private answerRepeated(known: BatchDescriptor, batch: Buffer, acks: -1 | 0 | 1): Promise<AppendResult> {
    const nextOffset = known.lastOffset + 1
    const isAppendTime = batchHasLogAppendTime(batch)
    const time = isAppendTime ? known.timestamp : -1
    const result = appended(known.lastOffset - known.offsetDelta, time, this.logStartOffset)
    const store = this.condition.store!
    const reached = acks === -1 ? store.durableOffset : store.writtenOffset
    if (nextOffset <= reached) return Promise.resolve(result)
    const answer = this.answers.at(nextOffset, acks, result)
    if (acks === -1) store.requestDurable()
    return answer
  }

  private tellListeners(): void {
    for (const listener of this.listeners) listener()
  }
}
