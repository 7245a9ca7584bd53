/** What only clients themselves know, and tell brokers that ask (KIP-714). */
export interface TelemetryFacts {
  readonly eventLoops?: readonly EventLoopFact[]
}

export const toldByTelemetry: Record<keyof TelemetryFacts, string> = { eventLoops: 'telemetry' }

/** For how long a member's event loop has stood still, of late. */
export interface EventLoopFact {
  readonly memberId: string
  readonly p99Ms: number
  readonly maxMs: number
  readonly sessionTimeoutMs: number
}
