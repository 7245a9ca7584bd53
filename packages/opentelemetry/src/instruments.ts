import type { Attributes, Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api'
import { commonAttributes, errorType, type Operation } from './attributes.js'

/** As the conventions have them, in seconds. */
const explicitBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** What a metric is about. */
export interface About {
  operation: Operation
  topic: string | undefined
  groupId: string | null
  error?: unknown
}

/** The metrics, by the conventions for messaging and beyond. */
export class Instruments {
  readonly lag: ObservableGauge
  readonly #operations: Histogram
  readonly #processing: Histogram
  readonly #sent: Counter
  readonly #consumed: Counter

  constructor(meter: Meter) {
    const seconds = { unit: 's', advice: { explicitBucketBoundaries } }
    const messages = { unit: '{message}' }
    this.#operations = meter.createHistogram('messaging.client.operation.duration', {
      ...seconds,
      description: 'Duration of sends, polls that brought records, and commits.',
    })
    this.#processing = meter.createHistogram('messaging.process.duration', {
      ...seconds,
      description: 'Duration of what the application does with records.',
    })
    this.#sent = meter.createCounter('messaging.client.sent.messages', {
      ...messages,
      description: 'Records that were to be sent.',
    })
    this.#consumed = meter.createCounter('messaging.client.consumed.messages', {
      ...messages,
      description: 'Records that the application was given.',
    })
    this.lag = meter.createObservableGauge('rivven.consumer.lag', {
      unit: '{record}',
      description: 'Records that a consumer has yet to read, of each of its partitions.',
    })
  }

  took(about: About, seconds: number): void {
    const histogram = about.operation === 'process' ? this.#processing : this.#operations
    histogram.record(seconds, attributesOf(about))
  }

  sent(about: About, count: number): void {
    this.#sent.add(count, attributesOf(about))
  }

  consumed(about: About, count: number): void {
    this.#consumed.add(count, attributesOf(about))
  }
}

function attributesOf({ operation, topic, groupId, error }: About): Attributes {
  const common = commonAttributes(operation, topic, groupId)
  return error === undefined ? common : { ...common, 'error.type': errorType(error) }
}
