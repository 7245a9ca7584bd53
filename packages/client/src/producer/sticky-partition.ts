import type { Random } from '@rivven/runtime'

/** A partition that records may go to, and the bytes that already wait for it. */
export interface PartitionLoad {
  partition: number
  waiting: number
}

/**
 * Where records without a key go: to one partition until a batch's worth of bytes went there, so that batches fill;
 * then to another, more likely one with a short queue (KIP-794).
 */
export class StickyPartition {
  readonly #random: Random
  readonly #batchSize: number
  #partition = -1
  #bytes = 0

  constructor(random: Random, batchSize: number) {
    this.#random = random
    this.#batchSize = batchSize
  }

  /** The present choice; -1 when there is none yet. */
  get partition(): number {
    return this.#bytes >= this.#batchSize ? -1 : this.#partition
  }

  /** Whether enough went to the partition that a batch which is full should be the last one there. */
  get isWorn(): boolean {
    return this.#bytes >= this.#batchSize / 2
  }

  wrote(bytes: number): void {
    this.#bytes += bytes
  }

  /** Draws the next partition: weight = longest queue + 1 - own queue. `loads` are the partitions that have a leader. */
  choose(loads: readonly PartitionLoad[]): number {
    const longest = loads.reduce((most, { waiting }) => Math.max(most, waiting), 0)
    const total = loads.reduce((sum, { waiting }) => sum + longest + 1 - waiting, 0)
    let drawn = this.#random.next() * total
    const chosen = loads.find(({ waiting }) => {
      drawn -= longest + 1 - waiting
      return drawn < 0
    })
    this.#partition = (chosen ?? loads[loads.length - 1])?.partition ?? -1
    this.#bytes = 0
    return this.#partition
  }
}
