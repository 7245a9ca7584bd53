// Hot path: `take` runs for every append.
import { batchBaseOffset, batchLeaderEpoch } from '@rivven/protocol'
import { AbortedTransactions } from './aborted-transactions.js'
import { AppendClock } from './append-clock.js'
import { EpochHistory } from './epoch-history.js'
import { decodeLogState, encodeLogState } from './log-state.js'
import { type EndedTransaction, type MarkerRun, ProducerStates } from './producer-states.js'

/** What the batches of one partition add up to: producers, transactions, leader epochs. */
export class PartitionState {
  readonly producers: ProducerStates
  readonly aborted = new AbortedTransactions()
  readonly epochs = new EpochHistory()
  readonly clock = new AppendClock()
  /** Compaction has cleaned everything before this offset. */
  cleanedOffset = 0
  /** Ended, but their marker is not yet written: they still hold the last stable offset. */
  private ending: EndedTransaction[] = []
  /** False: an earlier version has stored the state, and wrote down no control batches. */
  private knowsMarkers = true

  constructor(maxProducers = Number.POSITIVE_INFINITY) {
    this.producers = new ProducerStates(maxProducers)
  }

  /** Takes in the next batch, its offset in place. */
  take(batch: Buffer): void {
    const ended = this.producers.record(batch)
    if (ended === undefined) return
    const { producerId, firstOffset, markerOffset, isAborted } = ended
    this.ending.push(ended)
    if (!isAborted) return
    const lastStableOffset = this.producers.firstOpenOffset ?? markerOffset + 1
    this.aborted.add({ producerId, firstOffset, lastOffset: markerOffset, lastStableOffset })
  }

  /** The newest control batches that follow each other. */
  get markers(): MarkerRun {
    return this.producers.markers
  }

  /** All that is stored has been replayed from `fromOffset` on: when it came nobody has written down. */
  opened(range: { fromOffset: number; endOffset: number }, now: number): void {
    this.clock.opened(range, now)
    // May be there, and may be the last ones.
    if (!this.knowsMarkers) this.producers.markers = { from: range.endOffset, to: range.endOffset }
    this.knowsMarkers = true
  }

  /** The same for a batch that was stored earlier. */
  replay(batch: Buffer): void {
    this.epochs.begin(batchLeaderEpoch(batch), batchBaseOffset(batch))
    this.take(batch)
  }

  written(offset: number): void {
    if (this.ending.length > 0) this.ending = this.ending.filter(({ markerOffset }) => markerOffset >= offset)
  }

  /** One past the last record of which all transactions before it have ended (transactions.md §13). */
  stableOffset(highWatermark: number): number {
    let stable = Math.min(this.producers.firstOpenOffset ?? highWatermark, highWatermark)
    for (const { firstOffset } of this.ending) stable = Math.min(stable, firstOffset)
    return stable
  }

  dropBefore(logStartOffset: number): void {
    this.epochs.dropBefore(logStartOffset)
    this.aborted.dropBefore(logStartOffset)
    this.clock.dropBefore(logStartOffset)
  }

  /** Becomes what `encode` gave earlier; false if there is nothing that can be read, then it is empty. */
  restore(bytes: Buffer | undefined): boolean {
    this.producers.clear()
    this.aborted.clear()
    this.epochs.clear()
    this.clock.restore([])
    this.ending = []
    this.cleanedOffset = 0
    this.knowsMarkers = true
    const state = bytes === undefined ? undefined : decodeLogState(bytes)
    if (state === undefined) return false
    this.cleanedOffset = state.cleanedOffset
    for (const { epoch, startOffset } of state.epochs) this.epochs.begin(epoch, startOffset)
    for (const entry of state.aborted) this.aborted.add(entry)
    for (const [id, producer] of state.producers) this.producers.restore(id, producer)
    this.clock.restore(state.marks)
    this.producers.markers = state.markers ?? this.producers.markers
    this.knowsMarkers = state.markers !== undefined
    return true
  }

  encode(): Buffer {
    const { cleanedOffset, producers, aborted, epochs, clock, markers } = this
    const transactions = { producers: producers.producers, aborted: aborted.all, markers }
    return encodeLogState({ epochs: epochs.all, ...transactions, cleanedOffset, marks: clock.marks })
  }
}
