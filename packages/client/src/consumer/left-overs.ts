import type { Clock, Timer } from '@rivven/runtime'

/**
 * A leader that left partitions to nobody, because their owners have to give them up first, expects these to join again.
 * One that died in between and is back as a static member has nothing to give up and does not: without a look after a
 * while the partitions would stay without owner until something else makes the group rebalance.
 */
export class LeftOvers {
  readonly #clock: Clock
  readonly #patienceMs: number
  readonly #remind: () => void
  #timer: Timer | null = null

  constructor(clock: Clock, patienceMs: number, remind: () => void) {
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.#remind = remind
  }

  /** Reminds after a while, unless another rebalance comes first. */
  expectRebalance(): void {
    this.stop()
    this.#timer = this.#clock.setTimer(this.#patienceMs, this.#remind)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
  }
}
