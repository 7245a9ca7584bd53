import {
  type Context,
  createTraceState,
  isSpanContextValid,
  propagation,
  type TextMapGetter,
  type TextMapSetter,
  TraceFlags,
  trace,
} from '@opentelemetry/api'

type Propagator = Pick<typeof propagation, 'inject' | 'extract' | 'fields'>

/** The global propagator; where none was registered, W3C's trace context, which needs no SDK. */
export function propagator(): Propagator {
  return propagation.fields().length > 0 ? propagation : w3c
}

const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

const w3c: Propagator = {
  fields: () => ['traceparent', 'tracestate'],
  inject<Carrier>(context: Context, carrier: Carrier, setter?: TextMapSetter<Carrier>): void {
    const span = trace.getSpanContext(context)
    if (!span || !isSpanContextValid(span)) return
    const flags = (span.traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')
    setter?.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-${flags}`)
    const state = span.traceState?.serialize()
    if (state) setter?.set(carrier, 'tracestate', state)
  },
  extract<Carrier>(context: Context, carrier: Carrier, getter?: TextMapGetter<Carrier>): Context {
    const match = form.exec(String(getter?.get(carrier, 'traceparent') ?? ''))
    if (!match) return context
    const [, traceId, spanId, flags] = match as unknown as [string, string, string, string]
    const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
    if (!isSpanContextValid(span)) return context
    const state = getter?.get(carrier, 'tracestate')
    const traceState = state === undefined ? undefined : createTraceState(String(state))
    return trace.setSpanContext(context, traceState ? { ...span, traceState } : span)
  },
}
