import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api'
import { errorType } from './attributes.js'
import type { Instruments } from './instruments.js'

/** What all that is traced needs. */
export interface Parts {
  tracer: Tracer
  instruments: Instruments
  /** Whether spans have the keys of records. */
  recordKeys: boolean
}

/** A span on its way. */
export interface Open {
  span: Span
  startedAt: number
}

export function endSpan(span: Span, error: unknown): void {
  if (error !== undefined) {
    span.setAttribute('error.type', errorType(error))
    span.recordException(error instanceof Error ? error : String(error))
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) })
  }
  span.end()
}

/** How many there are of each topic. */
export function countByTopic(records: readonly { topic: string }[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { topic } of records) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  return counts
}
