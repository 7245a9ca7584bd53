import type { Clock } from '@rivven/runtime'

/** A write into the system's cache takes about 0.3 ms a MiB; one so slow waits for the disk. */
const SLOW_MS = 20
const PAUSE_MS = 1000
const SMALL_BYTES = 32_768
const MAX_BYTES_AT_ONCE = 2_097_152
/** While the file is being synced, a large write may have to wait for the journal (1 MiB: 550 against 440 MB/s). */
const MAX_BYTES_WHILE_SYNCING = 262_144

/**
 * Whether the next write is done at once, on the event loop, or in the thread pool. At once a small one costs 1 µs against
 * 10-20. Of large ones, one in each turn of the event loop goes at once and the rest in parallel (64 KiB batches: 2 / 8
 * connections 700 / 790 MB/s; all at once 650 / 675, all in the pool 450 / 700). When the system makes writers wait for its
 * disk, none does, or it would hold up everybody.
 */
export class WritePace {
  private readonly clock: Clock
  private slowUntil = -Infinity
  private isTurnTaken = false

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** True: write now, with `writeNow`. */
  takeTurn(bytes: number, isSyncing: boolean): boolean {
    if (this.slowUntil !== -Infinity && this.clock.monotonic() < this.slowUntil) return false
    if (bytes <= SMALL_BYTES) return true
    if (isSyncing) return bytes <= MAX_BYTES_WHILE_SYNCING
    if (this.isTurnTaken || bytes > MAX_BYTES_AT_ONCE) return false
    this.isTurnTaken = true
    setImmediate(() => {
      this.isTurnTaken = false
    })
    return true
  }

  /** Runs a write and notes how long it held up the others. */
  writeNow(write: () => void): void {
    const start = this.clock.monotonic()
    write()
    const end = this.clock.monotonic()
    this.slowUntil = end - start > SLOW_MS ? end + PAUSE_MS : -Infinity
  }
}
