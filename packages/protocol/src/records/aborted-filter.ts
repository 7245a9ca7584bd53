// Hot path: asked once for each batch of a fetch with isolation read_committed.
import { batchIsControl, batchIsTransactional, batchLastOffset, batchProducerId } from './batch-header.js'
import { controlRecordOf } from './control-batch.js'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/**
 * Says which batches of one Fetch answer belong to aborted transactions. A producer may have aborted several in the
 * fetched range, with committed ones between them: each begins at its first offset and ends at its own ABORT marker
 * (data-plane §9.5). Batches must be asked for in the order of the log; the present one may be asked for again.
 */
export class AbortedFilter {
  readonly #waiting: readonly AbortedTransaction[]
  readonly #aborting = new Set<number>()
  #next = 0

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Whether the records of the batch were aborted. Control batches are for nobody to see, but they end transactions. */
  isAborted(batch: Buffer): boolean {
    if (!batchIsTransactional(batch)) return false
    const lastOffset = batchLastOffset(batch)
    for (let entry = this.#waiting[this.#next]; entry && entry.firstOffset <= lastOffset; ) {
      this.#aborting.add(entry.producerId)
      entry = this.#waiting[++this.#next]
    }
    const producerId = batchProducerId(batch)
    if (batchIsControl(batch)) {
      if (controlRecordOf(batch)?.type === 'ABORT') this.#aborting.delete(producerId)
      return false
    }
    return this.#aborting.has(producerId)
  }
}
