import type { Clock } from '@rivven/runtime'
import type { Registry } from 'prom-client'
import { Breath } from '../breath.js'
import type { BrokerServices } from '../handlers/handler.js'
import { brokerRegistry } from './broker-registry.js'
import { groupMetrics } from './group-samples.js'
import { logMetrics, logSamples } from './log-samples.js'
import { transactionSamples } from './transaction-samples.js'

/** Prometheus' text format. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Characters that are sent at once. */
const pieceSize = 64 * 1024

/** `GET /metrics`: made piece by piece while it is read, so that no number of groups keeps the broker from its work. */
export class MetricsPage {
  readonly #services: BrokerServices
  readonly #clock: Clock
  readonly #registry: Registry

  constructor(services: BrokerServices, clock: Clock) {
    this.#services = services
    this.#clock = clock
    this.#registry = brokerRegistry(services)
  }

  /** The whole page; what reads slowly is waited for. */
  stream(): ReadableStream<Uint8Array> {
    const pieces = this.#pieces()
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(Buffer.from(value))
      },
      async cancel() {
        await pieces.return()
      },
    })
  }

  async *#pieces(): AsyncGenerator<string, void, undefined> {
    const breath = new Breath(this.#clock)
    let piece = ''
    for (const text of this.#texts()) {
      piece += text
      if (piece.length >= pieceSize) {
        yield piece
        piece = ''
      }
      if (breath.isDue) await breath.take()
    }
    yield piece
    // Last, since it takes one stretch: the samples above are not older than they need to be.
    yield this.#registry.metrics()
  }

  /** Groups and topics may come and go while this is read: each is told of as it is then. */
  *#texts(): Iterable<string> {
    const { coordinator, catalog, logs } = this.#services
    const sources = { catalog, logs, metrics: coordinator.metrics }
    for (const { head, samplesOf } of groupMetrics) {
      yield head
      for (const group of coordinator.groups()) yield samplesOf(group, sources)
    }
    for (const metric of logMetrics) {
      yield metric.head
      for (const topic of catalog.topics()) yield logSamples(metric, topic, sources)
    }
    yield* transactionSamples(this.#services, this.#clock.now())
  }
}
