import type { ByteStream, Clock } from '@rivven/runtime'
import type { Deadlines, Waiting } from './deadlines.js'

/** Connections that came too often from one address (KIP-612): nobody reads them, and they are closed after a while. */
export class HeldStreams {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #streams = new Map<ByteStream, Waiting>()

  constructor(clock: Clock, deadlines: Deadlines) {
    this.#clock = clock
    this.#deadlines = deadlines
  }

  hold(stream: ByteStream, ms: number): void {
    const over: Waiting = {
      look: () => {
        this.#streams.delete(stream)
        stream.destroy()
        return undefined
      },
    }
    this.#streams.set(stream, over)
    this.#deadlines.by(over, this.#clock.monotonic() + ms)
  }

  /** Drops them all. */
  destroy(): void {
    for (const stream of this.#streams.keys()) stream.destroy()
    this.#streams.clear()
  }
}
