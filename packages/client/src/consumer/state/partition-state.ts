import type { RivvenError } from '@rivven/link'
import { partitionKey } from '../../topic-partition.js'

/** A place in a partition: the next offset, and the leader epoch of the record before it (-1: not known). */
export interface Position {
  readonly offset: number
  readonly leaderEpoch: number
}

/**
 * Where a partition stands on its way to a position.
 * `committed`: the group's committed offset is looked up. `reset`: the reset policy is applied. `validate`: its leader
 * changed and is asked whether it has the log that was read (KIP-320). `ready`: it is fetched. `failed`: poll throws
 * `error` until somebody seeks.
 */
export type PartitionPhase =
  | { readonly kind: 'committed' }
  /** `lost` says what is gone of the place where it was, if it had one. */
  | { readonly kind: 'reset'; readonly to: 'earliest' | 'latest'; readonly lost?: string }
  | { readonly kind: 'validate' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: RivvenError }

const ready: PartitionPhase = { kind: 'ready' }

/**
 * An assigned partition, and how far along it is. Four places, each behind or at the one before:
 * `fetchPosition` (end of what is buffered) ≥ `position` (end of what poll took) ≥ `delivered` (end of what the
 * application was given) ≥ `handled` (end of what a later call of poll proved to be handled).
 */
export class PartitionState {
  readonly topic: string
  readonly partition: number
  readonly key: string
  /** Of the topic whose records are read; null: not known (yet). */
  topicId: string | null = null
  phase: PartitionPhase = { kind: 'committed' }
  isPaused = false
  /** Nothing is returned or fetched any more: it is about to be given up. */
  isRevoking = false
  /** False once it was given up: answers that are still on their way are then dropped. */
  isAssigned = true
  /** Counts jumps of the position: an answer to what was asked before a jump is dropped. */
  version = 0
  fetchPosition: Position | null = null
  position: Position | null = null
  delivered: Position | null = null
  handled: Position | null = null
  /** What is known to be committed, or needs no commit as its topic is gone; -1: nothing. */
  committedOffset = -1
  /** Epoch of the leader that the fetch position was checked against; -1: none yet. */
  leaderEpoch = -1
  highWatermark = -1
  lastStableOffset = -1
  #pausedSince: number | null = null
  #pausedMs = 0
  #taken: { readonly lastOffset: number; readonly version: number } | null = null
  /** Not fetched before this moment (monotonic) from the broker that answered with the last of `failures` errors in a row. */
  retryAt = 0
  failures = 0
  refusedBy: number | null = null
  /** A replica nearer than the leader (KIP-392), until a moment. */
  preferredReplica: { broker: number; until: number } | null = null

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
    this.key = partitionKey(topic, partition)
  }

  get isFetchable(): boolean {
    return this.phase.kind === 'ready' && !this.isPaused && !this.isRevoking
  }

  /** Whether what is buffered may be given to the application. */
  get isReadable(): boolean {
    const { kind } = this.phase
    return (kind === 'ready' || kind === 'validate') && !this.isPaused && !this.isRevoking
  }

  /** `now` is monotonic time. */
  pause(now: number): void {
    this.#pausedSince ??= now
    this.isPaused = true
  }

  resume(now: number): void {
    this.#pausedMs = this.pausedMs(now)
    this.#pausedSince = null
    this.isPaused = false
  }

  /** For how long it has been paused, in milliseconds. */
  pausedMs(now: number): number {
    return this.#pausedMs + (this.#pausedSince === null ? 0 : now - this.#pausedSince)
  }

  /** Goes on at another place; buffered records are dropped. */
  jump(position: Position): void {
    this.version++
    this.phase = ready
    this.fetchPosition = position
    this.position = position
    this.delivered = position
    this.handled = position
    this.retryAt = 0
    this.failures = 0
    this.leaderEpoch = -1
  }

  /** The position is looked up anew. */
  lookUp(phase: PartitionPhase): void {
    this.version++
    this.phase = phase
    this.fetchPosition = null
    this.position = null
    this.retryAt = 0
    this.failures = 0
  }

  /** Reads on at what is committed; what was read since is as if it had not been. */
  rewind(): void {
    this.lookUp({ kind: 'committed' })
    this.delivered = null
    this.handled = null
  }

  /** Poll took records from here, the last of them with this offset. */
  took(lastOffset: number): void {
    this.#taken = { lastOffset, version: this.version }
  }

  /** Where to read on after this record, which was delivered: behind the last one lies what followed it without records. */
  placeBehind(offset: number, leaderEpoch: number): Position {
    const isLast = this.#taken?.version === this.version && this.#taken.lastOffset === offset
    return isLast && this.delivered ? this.delivered : { offset: offset + 1, leaderEpoch }
  }

  /**
   * A record that poll took goes to the application. False when it must not: a seek or a new assignment came in between.
   * With the last one goes what follows it without records: markers, what was aborted or compacted away.
   */
  deliverOne(offset: number, leaderEpoch: number): boolean {
    const taken = this.#taken
    if (taken?.version !== this.version) return false
    this.delivered = offset === taken.lastOffset ? this.position : { offset: offset + 1, leaderEpoch }
    return true
  }

  /** After some or all of what poll took was delivered: the rest will be fetched again. */
  settle(): void {
    const taken = this.#taken
    const isOver = taken?.version !== this.version || (this.delivered?.offset ?? 0) > taken.lastOffset
    if (isOver) this.deliver()
    else this.#giveBack()
  }

  #giveBack(): void {
    if (!this.delivered || !this.position || this.delivered.offset === this.position.offset) return
    this.version++
    this.fetchPosition = this.delivered
    this.position = this.delivered
  }

  /** Nothing came that anybody could handle: what lies before the position is done with. */
  pass(): void {
    this.deliver()
    this.handle()
  }

  /** Its topic was made anew: nothing that was read or committed is of this one. */
  startOver(): void {
    this.delivered = null
    this.handled = null
    this.committedOffset = -1
    this.highWatermark = -1
    this.lastStableOffset = -1
  }

  validated(leaderEpoch: number): void {
    this.leaderEpoch = leaderEpoch
    if (this.phase.kind === 'validate') this.phase = ready
  }

  /** All that was taken is in the application's hands. */
  deliver(): void {
    if (this.position) this.delivered = this.position
  }

  /** The application came back for more: what it was given is handled. */
  handle(): void {
    if (this.delivered) this.handled = this.delivered
  }
}
