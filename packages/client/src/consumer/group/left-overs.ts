import type { Clock, Timer } from '@rivven/runtime'

export interface LeftOversOptions {
  readonly clock: Clock
  readonly patienceMs: number
  /** Whether the group leaves partitions to nobody; null or an error: that cannot be said now. */
  look(): Promise<boolean | null>
  /** There are some: who assigns has to do it again. */
  remind(): void
}

/**
 * A leader that left partitions to nobody, because their owners have to give them up first, expects these to join again.
 * One that died in between and is back as a static member has nothing to give up and does not: without a look after a
 * while the partitions would stay without owner until something else makes the group rebalance.
 */
export class LeftOvers {
  readonly #options: LeftOversOptions
  #timer: Timer | null = null

  constructor(options: LeftOversOptions) {
    this.#options = options
  }

  /** Reminds after a while, unless another rebalance comes first. */
  expectRebalance(): void {
    this.stop()
    const { clock, patienceMs } = this.#options
    this.#timer = clock.setTimer(patienceMs, () => void this.#look())
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  async #look(): Promise<void> {
    const { look, remind } = this.#options
    const looking = this.#timer
    const isIncomplete = await look().catch(() => null)
    if (this.#timer !== looking) return
    // The generation may outlive what is wrong with its coordinator.
    if (isIncomplete === null) this.expectRebalance()
    else if (isIncomplete) remind()
  }
}
