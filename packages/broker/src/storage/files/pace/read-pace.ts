import type { Clock } from '@rivven/runtime'

/** So much comes out of the system's cache in some 20 µs; what takes so long comes from the disk. */
const MAX_BYTES_AT_ONCE = 131_072
const SLOW_MS = 8
const PAUSE_MS = 500

/**
 * Whether the next read may be done at once, on the event loop. For a small one the way through the thread pool costs more
 * than the read itself; but a read that waits for the disk would hold up everybody, and others are likely to follow it.
 */
export class ReadPace {
  private readonly clock: Clock
  private slowUntil = -Infinity

  constructor(clock: Clock) {
    this.clock = clock
  }

  mayReadNow(bytes: number): boolean {
    return bytes <= MAX_BYTES_AT_ONCE && (this.slowUntil === -Infinity || this.clock.monotonic() >= this.slowUntil)
  }

  /** Runs a read and notes how long it held up the others. */
  readNow(read: () => number): number {
    const start = this.clock.monotonic()
    const count = read()
    const end = this.clock.monotonic()
    this.slowUntil = end - start > SLOW_MS ? end + PAUSE_MS : -Infinity
    return count
  }
}
