import { ErrorCode } from '@rivven/protocol'
import type { ReaderPlace, Waiting } from './arrival/waiting.js'
import type { PartitionView, ReadRequest, ReadResult, TimestampedOffset } from './partition-log.js'
import { outOfRange, readLost } from './read-results.js'
import { EpochHistory } from './state/epoch-history.js'
import { ProducerStates } from './state/producer-states.js'

/** Where a partition lies that was never written to. */
export interface SleepingPlace {
  /** Its log, once somebody has written to it. */
  log(partition: number): PartitionView | undefined
  /** This broker leads it still. */
  isLed(partition: number): boolean
  /** Calls `listener` when there is something to be seen of it, or it is led here no more. Returns how to stop. */
  onChange(partition: number, listener: () => void): () => void
}

export interface SleepingLogOptions {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly place: SleepingPlace
}

const noProducers = new ProducerStates(0)
const nobodyWaits: Waiting = { kind: 'nothing', end: 0 }

/**
 * What readers see of a partition that was never written to: that there is nothing, without a log of its own, which takes some
 * kilobytes. Once somebody writes to it they see that log.
 */
export class SleepingLog implements PartitionView {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly #place: SleepingPlace

  constructor({ topic, partition, leaderEpoch, place }: SleepingLogOptions) {
    this.topic = topic
    this.partition = partition
    this.leaderEpoch = leaderEpoch
    this.#place = place
  }

  get #log(): PartitionView | undefined {
    return this.#place.log(this.partition)
  }

  get logStartOffset(): number {
    return this.#log?.logStartOffset ?? 0
  }

  get highWatermark(): number {
    return this.#log?.highWatermark ?? 0
  }

  get lastStableOffset(): number {
    return this.#log?.lastStableOffset ?? 0
  }

  get logEndOffset(): number {
    return this.#log?.logEndOffset ?? 0
  }

  get producers(): ProducerStates {
    return this.#log?.producers ?? noProducers
  }

  get health(): PartitionView['health'] {
    return this.#log?.health ?? 'sound'
  }

  get isReadable(): boolean {
    return this.#log?.isReadable ?? true
  }

  get size(): number {
    return this.#log?.size ?? 0
  }

  read(request: ReadRequest): ReadResult | Promise<ReadResult> {
    const log = this.#log
    if (log) return log.read(request)
    if (!this.#place.isLed(this.partition)) return readLost()
    return request.offset === 0 ? nothing(request) : outOfRange(0)
  }

  waiting(place: ReaderPlace): Waiting | undefined {
    const log = this.#log
    return log ? log.waiting(place) : nobodyWaits
  }

  guessWaiting(place: ReaderPlace): Waiting {
    return this.#log?.guessWaiting(place) ?? nobodyWaits
  }

  async lookForWaiting(place: ReaderPlace): Promise<Waiting> {
    return this.#log?.lookForWaiting(place) ?? nobodyWaits
  }

  async offsetForTimestamp(timestamp: number): Promise<TimestampedOffset | undefined> {
    return this.#log?.offsetForTimestamp(timestamp)
  }

  async offsetOfMaxTimestamp(): Promise<TimestampedOffset | undefined> {
    return this.#log?.offsetOfMaxTimestamp()
  }

  endOffsetForEpoch(epoch: number): { leaderEpoch: number; endOffset: number } {
    return this.#log?.endOffsetForEpoch(epoch) ?? this.#epochs.endOffsetOf(epoch, 0)
  }

  epochOfOffset(offset: number): number {
    return this.#log?.epochOfOffset(offset) ?? this.#epochs.epochAt(offset)
  }

  onChange(listener: () => void): () => void {
    return this.#log?.onChange(listener) ?? this.#place.onChange(this.partition, listener)
  }

  get #epochs(): EpochHistory {
    const epochs = new EpochHistory()
    epochs.begin(this.leaderEpoch, 0)
    return epochs
  }
}

function nothing({ isolation }: ReadRequest): ReadResult {
  return {
    errorCode: ErrorCode.NONE,
    records: [],
    later: undefined,
    size: 0,
    highWatermark: 0,
    lastStableOffset: 0,
    logStartOffset: 0,
    abortedTransactions: isolation === 'committed' ? [] : null,
  }
}
