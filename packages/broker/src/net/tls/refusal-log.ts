import type { Address, Clock, Timer } from '@rivven/runtime'
import type { Logger } from 'pino'

const EVERY_MS = 60_000
/** Reasons come from what clients do: more than these are counted together. */
const MOST_REASONS = 20

/** One line for each reason and minute, with a count: whoever knocks a thousand times shall not fill a log. */
export class RefusalLog {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #counts = new Map<string, { count: number; listener: string; peer: string; reason: string }>()
  #timer: Timer | undefined

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock
    this.#log = log
  }

  add(listener: string, { host }: Address, given: string): void {
    const reason = this.#counts.size < MOST_REASONS || this.#counts.has(given) ? given : 'other reasons'
    const known = this.#counts.get(reason)
    if (known) {
      known.count += 1
      return
    }
    this.#counts.set(reason, { count: 0, listener, peer: host, reason })
    this.#log.info({ listener, peer: host, reason }, 'a client did not come in: TLS')
    this.#timer ??= this.#clock.setTimer(EVERY_MS, () => this.#tell())
  }

  close(): void {
    this.#timer?.cancel()
  }

  #tell(): void {
    this.#timer = undefined
    for (const { count, listener, peer, reason } of this.#counts.values()) {
      if (count > 0) this.#log.info({ listener, firstPeer: peer, reason, count }, 'more clients did not come in: TLS')
    }
    this.#counts.clear()
  }
}
