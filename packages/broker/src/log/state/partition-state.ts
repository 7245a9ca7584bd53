// Hot path: `take` runs for every append.
import { batchBaseOffset, batchLeaderEpoch } from '@rivven/protocol'
import { AbortedTransactions } from './aborted-transactions.js'
import { EpochHistory } from './epoch-history.js'
import { decodeLogState, encodeLogState } from './log-state.js'
import { type EndedTransaction, ProducerStates } from './producer-states.js'

/** What the batches of one partition add up to: producers, transactions, leader epochs. */
export class PartitionState {
  readonly producers: ProducerStates
  readonly aborted = new AbortedTransactions()
  readonly epochs = new EpochHistory()
  /** Compaction has cleaned everything before this offset. */
  cleanedOffset = 0
  /** Ended, but their marker is not yet written: they still hold the last stable offset. */
  private ending: EndedTransaction[] = []

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
  }

  /** Becomes what `encode` gave earlier; false if there is nothing that can be read, then it is empty. */
  restore(bytes: Buffer | undefined): boolean {
    this.producers.clear()
    this.aborted.clear()
    this.epochs.clear()
    this.ending = []
    this.cleanedOffset = 0
    const state = bytes === undefined ? undefined : decodeLogState(bytes)
    if (state === undefined) return false
    this.cleanedOffset = state.cleanedOffset
    for (const { epoch, startOffset } of state.epochs) this.epochs.begin(epoch, startOffset)
    for (const entry of state.aborted) this.aborted.add(entry)
    for (const [id, producer] of state.producers) this.producers.restore(id, producer)
    return true
  }

  encode(): Buffer {
    const { cleanedOffset, producers, aborted, epochs } = this
    return encodeLogState({ epochs: epochs.all, producers: producers.producers, aborted: aborted.all, cleanedOffset })
  }
}
