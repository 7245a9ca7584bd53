/** How long the event loop kept others waiting, in milliseconds. */
export interface LoopDelays {
  readonly p99Ms: number
  readonly maxMs: number
}

/** Measures that from when it was opened. */
export interface LoopMeter {
  /** Since the last time that this was asked. */
  take(): LoopDelays
  close(): void
}
