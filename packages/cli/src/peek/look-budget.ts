import type { ConsumerRecord } from '@rivven/client'
import type { Clock } from '@rivven/runtime'
import { durationText } from '../text/durations.js'

const mostRecords = 50_000
const mostBytes = 64 * 1024 * 1024
const mostMs = 5_000

/** How much one command looks at: who searches for what is not there gets an end of it. */
export class LookBudget {
  readonly #clock: Clock
  readonly #until: number
  #records = 0
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#until = clock.monotonic() + mostMs
  }

  sees({ size }: Pick<ConsumerRecord, 'size'>): void {
    this.#records += 1
    this.#bytes += size
  }

  /** What it is that no more may be taken of; undefined: there is some left. */
  get spent(): string | undefined {
    if (this.#records >= mostRecords) return `${mostRecords} records`
    if (this.#bytes >= mostBytes) return `${mostBytes / 1024 / 1024} MiB`
    return this.#clock.monotonic() >= this.#until ? durationText(mostMs) : undefined
  }
}
