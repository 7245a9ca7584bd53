import type { Clock } from '@rivven/runtime'
import type { Stopped } from './record-shapes.js'

/** The most that one call looks at, tells of, and takes. */
const mostScanned = 50_000
const mostBytes = 64 * 1024 * 1024
const mostToldBytes = 4 * 1024 * 1024
const mostMs = 5_000

/** What one call may take, over all partitions that it reads. */
export class ScanBudget {
  scanned = 0
  unreadable = 0
  readonly #clock: Clock
  readonly #until: number
  #bytes = 0
  #toldBytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#until = clock.monotonic() + mostMs
  }

  read(bytes: number): void {
    this.#bytes += bytes
  }

  told(bytes: number): void {
    this.#toldBytes += bytes
  }

  /** Why nothing more is to be read; undefined: there is some left. */
  get spent(): Stopped | undefined {
    if (this.#toldBytes >= mostToldBytes || this.#bytes >= mostBytes) return 'bytes'
    if (this.scanned >= mostScanned) return 'records'
    return this.#clock.monotonic() >= this.#until ? 'time' : undefined
  }
}
