import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api'
import { schemaUrl } from './attributes.js'
import { traceCommits } from './commits.js'
import { Instruments } from './instruments.js'
import { observeLag } from './lag.js'
import { tracePolls } from './polls.js'
import { traceProcessing } from './processing.js'
import { traceSends } from './sends.js'
import { VERSION } from './version.js'

export interface InstrumentationOptions {
  /** Who makes spans. Default: the global one. */
  tracerProvider?: TracerProvider
  /** Who keeps metrics. Default: the global one, as it is at the call. */
  meterProvider?: MeterProvider
  /** Whether spans have the keys of records (`messaging.kafka.message.key`), where these are text. Default false: keys may name people. */
  recordKeys?: boolean
}

export interface Instrumentation {
  /** No more spans and metrics. */
  disable(): void
  [Symbol.dispose](): void
}

/**
 * Makes spans and metrics of what all clients of `@rivven/client` in this process do from now on, and carries the context of
 * traces in the headers of records. Call it once, after the SDK was started.
 *
 *     instrumentRivven()
 */
export function instrumentRivven(options: InstrumentationOptions = {}): Instrumentation {
  const { tracerProvider = trace, meterProvider = metrics, recordKeys = false } = options
  const name = '@rivven/opentelemetry'
  const tracer = tracerProvider.getTracer(name, VERSION, { schemaUrl })
  const instruments = new Instruments(meterProvider.getMeter(name, VERSION, { schemaUrl }))
  const parts = { tracer, instruments, recordKeys }
  const ends = [
    traceSends(parts),
    tracePolls(parts),
    traceProcessing(parts),
    traceCommits(parts),
    observeLag(instruments),
  ]
  const disable = () => {
    for (const end of ends.splice(0)) end()
  }
  return { disable, [Symbol.dispose]: disable }
}
