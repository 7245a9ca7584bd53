import type { Amount } from './load-partition.js'

/** A load reads what came since the last checkpoint: this much takes about 25 ms. */
const MOST_BATCHES = 5000
const LEAST_BYTES = 16_777_216
/** A checkpoint shall not cost more than a small part of what is stored. */
const STATES = 16

/** How much was stored since the last checkpoint, and whether that is enough for the next one. */
export class CheckpointRule {
  #bytes: number
  #batches: number
  #stateBytes = 0

  constructor({ bytes, batches }: Amount) {
    this.#bytes = bytes
    this.#batches = batches
  }

  get isDue(): boolean {
    return this.#batches >= MOST_BATCHES || this.#bytes >= Math.max(LEAST_BYTES, STATES * this.#stateBytes)
  }

  get since(): Amount {
    return { bytes: this.#bytes, batches: this.#batches }
  }

  appended(bytes: number): void {
    this.#bytes += bytes
    this.#batches++
  }

  /** A checkpoint is stored that counts for so much of it. */
  stored({ bytes, batches }: Amount, stateBytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes)
    this.#batches = Math.max(0, this.#batches - batches)
    this.#stateBytes = stateBytes
  }
}
