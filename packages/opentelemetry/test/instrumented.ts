import { type Attributes, context, type Span, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { Admin, Consumer, Producer } from '@rivven/client'
import { startRivven } from '@rivven/testing'
import { type InstrumentationOptions, instrumentRivven } from '../src/index.js'

/** Gives metrics to whoever asks. */
class Asked extends MetricReader {
  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }
}

/** One series of a metric. */
export interface Series {
  attributes: Attributes
  value: unknown
}

/** A broker, clients and an SDK that keeps what it is told. */
export async function instrumented(options: Omit<InstrumentationOptions, 'tracerProvider' | 'meterProvider'> = {}) {
  const rivven = await startRivven()
  const { bootstrapServers } = rivven
  const admin = new Admin({ bootstrapServers })
  await admin.createTopics([{ name: 'orders', partitions: 1 }])
  await admin.close()
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const reader = new Asked({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const contexts = new AsyncLocalStorageContextManager().enable()
  context.setGlobalContextManager(contexts)
  const instrument = () => instrumentRivven({ tracerProvider, meterProvider, ...options })
  let instrumentation = instrument()
  const producer = new Producer({ bootstrapServers, clientId: 'shop' })
  const group = {
    groupId: 'workers',
    clientId: 'worker',
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
  } as const
  const consumer = new Consumer({ bootstrapServers, ...group })
  const tracer = tracerProvider.getTracer('test')
  return {
    producer,
    consumer,
    disable: () => instrumentation.disable(),
    enable: () => {
      instrumentation = instrument()
    },
    /** Spans that have ended, of this name. */
    spans: (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name),
    /** Runs this within a span of the application. */
    within<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
      const span = tracer.startSpan(name)
      return context.with(trace.setSpan(context.active(), span), () => work(span)).finally(() => span.end())
    },
    /** What came since the last call, by the names of metrics. */
    async collect(): Promise<(name: string) => Series[]> {
      const { resourceMetrics } = await reader.collect()
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
      return (name) => metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
    },
    async [Symbol.asyncDispose]() {
      instrumentation.disable()
      await producer.close()
      await consumer.close()
      context.disable()
      await tracerProvider.shutdown()
      await meterProvider.shutdown()
      await rivven.close()
    },
  }
}
