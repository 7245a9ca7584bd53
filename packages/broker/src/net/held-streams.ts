import type { ByteStream, Clock, Timer } from '@rivven/runtime'

/** Connections that came too often from one address (KIP-612): nobody reads them, and they are closed after a while. */
export class HeldStreams {
  readonly #clock: Clock
  readonly #timers = new Map<ByteStream, Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  hold(stream: ByteStream, ms: number): void {
    const timer = this.#clock.setTimer(Math.ceil(ms), () => {
      this.#timers.delete(stream)
      stream.destroy()
    })
    this.#timers.set(stream, timer)
  }

  /** Drops them all. */
  destroy(): void {
    for (const [stream, timer] of this.#timers) {
      timer.cancel()
      stream.destroy()
    }
    this.#timers.clear()
  }
}
