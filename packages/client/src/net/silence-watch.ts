import type { Clock, Timer } from '@rivven/runtime'

export interface SilenceWatchParts {
  clock: Clock
  /** How long answers may take, and how often they are looked after, in milliseconds. */
  patienceMs: number
  /** Something is asked of somebody. */
  areAwaited(): boolean
  /** For how long an answer is late, the longest of all. */
  lateMs(): number
  /** To be called every so often while an answer is late. */
  onSilence(): void
}

/**
 * Notices brokers that say nothing while they are asked: a machine that is held or has lost its power ends no connection, and a request
 * waits for its whole time-out. The cluster knows sooner, so it is asked meanwhile.
 */
export class SilenceWatch {
  readonly #parts: SilenceWatchParts
  #timer: Timer | null = null
  #isClosed = false

  constructor(parts: SilenceWatchParts) {
    this.#parts = parts
  }

  /** To be called when something is asked; it costs nothing while it watches already. */
  begin(): void {
    if (this.#timer || this.#isClosed) return
    this.#timer = this.#parts.clock.setTimer(this.#parts.patienceMs, () => this.#look())
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #look(): void {
    const { areAwaited, lateMs, onSilence, patienceMs } = this.#parts
    this.#timer = null
    if (lateMs() >= patienceMs) onSilence()
    if (areAwaited()) this.begin()
  }
}
