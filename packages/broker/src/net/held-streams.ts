import type { Clock } from '@rivven/runtime'
import type { Deadlines, Waiting } from './deadlines.js'

/** As many as an operating system lets wait to be accepted. */
const MOST_HELD = 1_024

/** What can be closed: a stream, or what has no handshake yet. */
interface Held {
  destroy(): void
}

/** Connections that came too often from one address (KIP-612): nobody reads them, and they are closed after a while. */
export class HeldStreams {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #streams = new Map<Held, Waiting>()

  constructor(clock: Clock, deadlines: Deadlines) {
    this.#clock = clock
    this.#deadlines = deadlines
  }

  hold(stream: Held, ms: number): void {
    const over: Waiting = {
      look: () => {
        this.#streams.delete(stream)
        stream.destroy()
        return undefined
      },
    }
    this.#streams.set(stream, over)
    this.#deadlines.by(over, this.#clock.monotonic() + ms)
    const [oldest] = this.#streams
    if (!oldest || this.#streams.size <= MOST_HELD) return
    this.#deadlines.forget(oldest[1])
    oldest[1].look(0)
  }

  /** Drops them all. */
  destroy(): void {
    for (const stream of this.#streams.keys()) stream.destroy()
    this.#streams.clear()
  }
}
