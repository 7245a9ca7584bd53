import type { Clock, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'

/** What a broker does by itself, again and again. */
export class Chores {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #timers = new Map<string, Timer>()
  #isStopped = false

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  /** Each time so long after the time before has ended. */
  repeat(what: string, { firstMs, everyMs }: { firstMs: number; everyMs: number }, work: () => Promise<void>): void {
    const timer = this.#clock.setTimer(firstMs, async () => {
      await work().catch((error) => this.#log.error({ error }, `${what} failed`))
      if (!this.#isStopped) this.repeat(what, { firstMs: everyMs, everyMs }, work)
    })
    this.#timers.set(what, timer)
  }

  /** What is under way ends, and nothing begins any more. */
  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers.values()) timer.cancel()
  }
}
