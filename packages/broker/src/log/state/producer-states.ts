// Hot path: every batch of an idempotent producer passes `check` and `record`; header fields are read where they lie.
import {
  batchBaseOffset,
  batchBaseSequence,
  batchIsControl,
  batchIsTransactional,
  batchLastOffsetDelta,
  batchLastSequence,
  batchMaxTimestamp,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  controlRecordOf,
  ErrorCode,
} from '@rivven/protocol'

/** So many batches of a producer can be told from new ones when they are sent again (transactions.md §2). */
const BATCHES_KEPT = 5
const NO_OFFSET = -1

/** Control batches that follow each other: all of [from, to), and behind `to` there is none. */
export interface MarkerRun {
  readonly from: number
  readonly to: number
}

const noMarkers: MarkerRun = { from: 0, to: 0 }

/** What this partition remembers of one producer. */
export interface ProducerState {
  epoch: number
  /** Of the last marker; -1 before the first. */
  coordinatorEpoch: number
  lastTimestamp: number
  /** First offset of the open transaction, -1 without one. */
  transactionFirstOffset: number
  /** The number of its last marker among all that came here since the log was opened; absent: none did. */
  lastMarker?: number
  /** Oldest first. */
  batches: BatchDescriptor[]
}

export interface BatchDescriptor {
  firstSequence: number
  lastSequence: number
  lastOffset: number
  offsetDelta: number
  timestamp: number
}

/** A transaction that a marker has ended. */
export interface EndedTransaction {
  producerId: number
  firstOffset: number
  markerOffset: number
  isAborted: boolean
}

/** What of a marker is compared with what its producer has written. */
export interface CheckedMarker {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  /** 2: it has an epoch of its own, above that of its records (KIP-890). Default 0. */
  readonly transactionVersion?: number
}

/** Sequences, epochs and open transactions of all producers of one partition (transactions.md §2). */
export class ProducerStates {
  readonly producers = new Map<number, ProducerState>()
  /** Producer id to first offset; Maps keep the order of insertion, and that is the order of offsets. */
  private readonly open = new Map<number, number>()
  /** The newest control batches that follow each other. */
  markers: MarkerRun = noMarkers
  private readonly maxProducers: number
  private markerCount = 0

  /** Beyond `maxProducers` no other is taken: to forget one instead would let what it sends again be stored twice. */
  constructor(maxProducers = Number.POSITIVE_INFINITY) {
    this.maxProducers = maxProducers
  }

  /** First offset of the transaction that is open longest, or undefined. */
  get firstOpenOffset(): number | undefined {
    if (this.open.size === 0) return undefined
    return this.open.values().next().value
  }

  /** Producers with an open transaction here, the one that is open longest first. */
  get openProducers(): Iterable<number> {
    return this.open.keys()
  }

  /**
   * May this batch of a producer be appended: NONE, an error code, or the batch that it repeats. `needsZero`: a producer
   * that is not known must begin with sequence 0 (transactional writes since Produce 12).
   */
  check(batch: Buffer, needsZero: boolean): number | BatchDescriptor {
    const state = this.producers.get(batchProducerId(batch))
    if (state === undefined) {
      if (this.producers.size >= this.maxProducers) return ErrorCode.POLICY_VIOLATION
      return needsZero && batchBaseSequence(batch) !== 0 ? ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER : ErrorCode.NONE
    }
    return repeatedBatch(state, batch) ?? checkSequence(state, batch)
  }

  /** May this marker be appended (transactions.md §10.2): NONE or an error code. */
  checkMarker(marker: CheckedMarker): number {
    const state = this.producers.get(marker.producerId)
    if (state === undefined) return ErrorCode.NONE
    if (marker.producerEpoch < state.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
    const hasOwnEpoch = (marker.transactionVersion ?? 0) >= 2
    const isOpen = state.transactionFirstOffset !== NO_OFFSET
    if (hasOwnEpoch && isOpen && marker.producerEpoch === state.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
    if (marker.coordinatorEpoch < state.coordinatorEpoch) return ErrorCode.TRANSACTION_COORDINATOR_FENCED
    return ErrorCode.NONE
  }

  /** Is a transaction of this producer open here, under exactly this epoch? */
  isOpen(producerId: number, producerEpoch: number): boolean {
    const state = this.producers.get(producerId)
    return state !== undefined && state.transactionFirstOffset !== NO_OFFSET && state.epoch === producerEpoch
  }

  /** Another number than before: a marker of this producer has come meanwhile. */
  markersOf(producerId: number): number {
    return this.producers.get(producerId)?.lastMarker ?? 0
  }

  /** Takes in a batch that has its offset. Returns the transaction that it ends, if it is a marker of one. */
  record(batch: Buffer): EndedTransaction | undefined {
    if (batchProducerId(batch) < 0) return undefined
    if (batchIsControl(batch)) return this.recordMarker(batch)
    const state = this.stateFor(batch)
    state.lastTimestamp = batchMaxTimestamp(batch)
    if (batchBaseSequence(batch) >= 0) keepDescriptor(state, batch)
    // What compaction has emptied opens nothing: its marker may be gone.
    const opens =
      batchIsTransactional(batch) && state.transactionFirstOffset === NO_OFFSET && batchRecordCount(batch) > 0
    if (opens) this.openTransaction(batchProducerId(batch), state, batchBaseOffset(batch))
    return undefined
  }

  /** Forgets producers whose last batch is older than `expirationMs`, but none with an open transaction. */
  expire(now: number, expirationMs: number): void {
    for (const [id, state] of this.producers) {
      if (state.transactionFirstOffset !== NO_OFFSET) continue
      if (now - state.lastTimestamp >= expirationMs) this.producers.delete(id)
    }
  }

  /** Puts back what a snapshot says; ascending by the first offset of open transactions is the caller's duty. */
  restore(producerId: number, state: ProducerState): void {
    this.producers.set(producerId, state)
    if (state.transactionFirstOffset !== NO_OFFSET) this.open.set(producerId, state.transactionFirstOffset)
  }

  clear(): void {
    this.markers = noMarkers
    this.producers.clear()
    this.open.clear()
  }

  private recordMarker(batch: Buffer): EndedTransaction | undefined {
    this.noteControl(batch)
    const marker = controlRecordOf(batch)
    if (marker !== undefined && marker.coordinatorEpoch === undefined) return undefined
    const state = this.stateFor(batch)
    state.lastTimestamp = batchMaxTimestamp(batch)
    state.lastMarker = ++this.markerCount
    if (marker?.coordinatorEpoch !== undefined) state.coordinatorEpoch = marker.coordinatorEpoch
    const firstOffset = state.transactionFirstOffset
    if (firstOffset === NO_OFFSET) return undefined
    const producerId = batchProducerId(batch)
    state.transactionFirstOffset = NO_OFFSET
    this.open.delete(producerId)
    return { producerId, firstOffset, markerOffset: batchBaseOffset(batch), isAborted: marker?.type === 'ABORT' }
  }

  private noteControl(batch: Buffer): void {
    const offset = batchBaseOffset(batch)
    const from = this.markers.to === offset ? this.markers.from : offset
    this.markers = { from, to: offset + batchLastOffsetDelta(batch) + 1 }
  }

  private openTransaction(producerId: number, state: ProducerState, firstOffset: number): void {
    state.transactionFirstOffset = firstOffset
    this.open.set(producerId, firstOffset)
  }

  /** The producer's state under the batch's epoch: a newer one starts its sequences again, the same one goes on. */
  private stateFor(batch: Buffer): ProducerState {
    const id = batchProducerId(batch)
    const epoch = batchProducerEpoch(batch)
    let state = this.producers.get(id)
    if (state === undefined) {
      state = { epoch, coordinatorEpoch: -1, lastTimestamp: -1, transactionFirstOffset: NO_OFFSET, batches: [] }
      this.producers.set(id, state)
    } else if (state.epoch !== epoch) {
      state.epoch = epoch
      state.batches = []
    }
    return state
  }
}

/** The same for the batch of a marker; other control batches may always be appended. */
export function checkMarkerBatch(producers: ProducerStates, batch: Buffer, transactionVersion = 0): number {
  const coordinatorEpoch = controlRecordOf(batch)?.coordinatorEpoch
  if (coordinatorEpoch === undefined) return ErrorCode.NONE
  const producer = { producerId: batchProducerId(batch), producerEpoch: batchProducerEpoch(batch) }
  return producers.checkMarker({ ...producer, coordinatorEpoch, transactionVersion })
}

function repeatedBatch(state: ProducerState, batch: Buffer): BatchDescriptor | undefined {
  if (state.epoch !== batchProducerEpoch(batch)) return undefined
  const first = batchBaseSequence(batch)
  const last = batchLastSequence(batch)
  return state.batches.find((known) => known.firstSequence === first && known.lastSequence === last)
}

function checkSequence(state: ProducerState, batch: Buffer): number {
  const epoch = batchProducerEpoch(batch)
  if (epoch < state.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
  const last = epoch === state.epoch ? state.batches.at(-1) : undefined
  const expected = last === undefined ? 0 : (last.lastSequence + 1) & 0x7fffffff
  if (batchBaseSequence(batch) !== expected) return ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
  const isOutsideOfTransaction = state.transactionFirstOffset !== NO_OFFSET && !batchIsTransactional(batch)
  return isOutsideOfTransaction ? ErrorCode.INVALID_TXN_STATE : ErrorCode.NONE
}

function keepDescriptor(state: ProducerState, batch: Buffer): void {
  if (state.batches.length === BATCHES_KEPT) state.batches.shift()
  const offsetDelta = batchLastOffsetDelta(batch)
  state.batches.push({
    firstSequence: batchBaseSequence(batch),
    lastSequence: batchLastSequence(batch),
    lastOffset: batchBaseOffset(batch) + offsetDelta,
    offsetDelta,
    timestamp: batchMaxTimestamp(batch),
  })
}
