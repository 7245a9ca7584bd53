import type { Clock } from '@rivven/runtime'
import { Buckets } from '../../buckets.js'
import type { OldestChunks } from '../../database/log-tables.js'

const secondsOfAppends = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How storing in the database that brokers share goes, since the start. */
export class StorageFigures {
  /** Of statements that store batches, each perhaps of many partitions; those without an answer are not in it. */
  readonly appendSeconds = new Buckets(secondsOfAppends)
  /** As of the last sweep; of nothing where another broker sweeps. */
  oldestChunks: OldestChunks = new Map()
  readonly #clock: Clock
  readonly #waiting: { readonly bytes: number }
  /** Since when no call has had an answer. */
  #awaySince: number | undefined
  #awayMs = 0

  constructor(clock: Clock, waiting: { readonly bytes: number }) {
    this.#clock = clock
    this.#waiting = waiting
  }

  /** Of batches that wait to be stored, or are on their way. */
  get queueBytes(): number {
    return this.#waiting.bytes
  }

  /** From each call that failed with the connection until the next answer. */
  get unavailableSeconds(): number {
    return (this.#awayMs + this.#sinceAway()) / 1_000
  }

  answered(): void {
    if (this.#awaySince === undefined) return
    this.#awayMs += this.#sinceAway()
    this.#awaySince = undefined
  }

  failed(): void {
    this.#awaySince ??= this.#clock.monotonic()
  }

  #sinceAway(): number {
    return this.#awaySince === undefined ? 0 : this.#clock.monotonic() - this.#awaySince
  }
}
