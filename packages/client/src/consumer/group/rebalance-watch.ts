import type { RivvenError } from '@rivven/link'
import type { Clock } from '@rivven/runtime'
import { type OfConsumer, type RebalanceTrace, rebalances } from '../../diagnostics/channels.js'
import type { OpenTrace } from '../../diagnostics/tracing.js'

/** What a rebalance came to. */
type Formed = Required<Pick<RebalanceTrace, 'memberId' | 'generation' | 'protocol' | 'partitions'>>

/** The way of a member from one generation to the next: counted, and told to those who listen. */
export class RebalanceWatch {
  readonly #clock: Clock
  readonly #who: OfConsumer
  #trace: OpenTrace<RebalanceTrace> | null = null
  #since: number | null = null
  #count = 0
  #totalMs = 0

  constructor(clock: Clock, who: OfConsumer) {
    this.#clock = clock
    this.#who = who
  }

  /** How many ended with partitions taken over, and how long they took together, with the present one. */
  get soFar(): { count: number; totalMs: number } {
    const presentMs = this.#since === null ? 0 : this.#clock.monotonic() - this.#since
    return { count: this.#count, totalMs: this.#totalMs + presentMs }
  }

  /** A first step was taken; one that goes on begins only once. */
  began(cause: string): void {
    if (this.#since !== null) return
    this.#since = this.#clock.monotonic()
    if (rebalances.isHeard) this.#trace = rebalances.begin({ ...this.#who, cause })
  }

  formed(how: Formed): void {
    if (this.#since === null) return
    this.#count++
    this.#stop()
    this.#trace?.end(how)
    this.#trace = null
  }

  /** It comes to nothing; null: because the application leaves. */
  abandoned(error: RivvenError | null): void {
    if (this.#since === null) return
    this.#stop()
    if (error) this.#trace?.fail(error)
    else this.#trace?.end({})
    this.#trace = null
  }

  #stop(): void {
    this.#totalMs += this.#clock.monotonic() - this.#since!
    this.#since = null
  }
}
