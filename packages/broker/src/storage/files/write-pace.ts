import type { Clock } from '@rivven/runtime'

/** A write into the system's cache takes about 0.3 ms a MiB; one so slow waits for the disk. */
const SLOW_MS = 20
const PAUSE_MS = 1000
const MAX_BYTES_AT_ONCE = 2_097_152
/** While the file is being synced, a large write may have to wait for the journal (1 MiB: 550 against 440 MB/s). */
const MAX_BYTES_WHILE_SYNCING = 262_144

/**
 * Whether the next write may be done at once, on the event loop. That costs a tenth of a write in the thread pool
 * (1 µs against 10-20 for a small one), but when the system makes writers wait for its disk, it would hold up everybody.
 */
export class WritePace {
  private readonly clock: Clock
  private slowUntil = -Infinity

  constructor(clock: Clock) {
    this.clock = clock
  }

  mayWriteNow(bytes: number, isSyncing: boolean): boolean {
    const limit = isSyncing ? MAX_BYTES_WHILE_SYNCING : MAX_BYTES_AT_ONCE
    return bytes <= limit && (this.slowUntil === -Infinity || this.clock.monotonic() >= this.slowUntil)
  }

  /** Runs a write and notes how long it held up the others. */
  writeNow(write: () => void): void {
    const start = this.clock.monotonic()
    write()
    const end = this.clock.monotonic()
    this.slowUntil = end - start > SLOW_MS ? end + PAUSE_MS : -Infinity
  }
}
