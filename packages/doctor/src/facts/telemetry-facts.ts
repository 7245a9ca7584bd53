/** What only clients themselves know, and tell brokers that ask (KIP-714). */
export interface TelemetryFacts {
  readonly eventLoops?: readonly EventLoopFact[]
  readonly polls?: readonly PollsFact[]
}

export const toldByTelemetry: Record<keyof TelemetryFacts, string> = {
  eventLoops: 'telemetry',
  polls: 'telemetry',
}

/** For how long a member's event loop has stood still, of late. */
export interface EventLoopFact {
  readonly memberId: string
  readonly p99Ms: number
  readonly maxMs: number
  readonly sessionTimeoutMs: number
}

/** How a member polls. */
export interface PollsFact {
  readonly memberId: string
  /** The longest time between two polls within ten minutes; null: its client does not tell. */
  readonly longestGapMs: number | null
  /** Which share of its time it waits for records, of late: little where it handles all the time; null: its client does not tell. */
  readonly idleRatio: number | null
}
