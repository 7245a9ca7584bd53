import type { Clock } from '@rivven/runtime'
import type { Registry } from 'prom-client'
import { Breath } from '../../breath.js'
import type { BrokerServices } from '../../handlers/handler.js'
import { learnEnds } from '../../lag/committed-elsewhere.js'
import { brokerRegistry } from '../broker-registry.js'
import { clusterSamples } from '../cluster-samples.js'
import { groupMetrics } from '../group-samples.js'
import { HangingTransactions } from '../hanging-transactions.js'
import { type Detail, details } from '../lag-samples.js'
import { logMetrics, logSamples } from '../log-samples.js'
import type { GuardedPage } from '../page.js'
import { pageStream, pieceSize } from '../page-stream.js'
import { transactionSamples } from '../transaction-samples.js'

/** Prometheus' text format. */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** One for each app: what counts from the first page on goes on counting. */
export function metricsPage(): GuardedPage {
  let metrics: Metrics | undefined
  return {
    kind: 'guarded',
    path: '/metrics',
    rights: { needs: 'DESCRIBE CLUSTER', anonymous: 'health,metrics' },
    answer(context, broker) {
      metrics ??= new Metrics(broker, broker.runtime.clock)
      const { detail = 'partition' } = context.req.query()
      if (!isDetail(detail)) return context.json({ error: `detail is one of ${details.join(', ')}.` }, 400)
      return context.body(metrics.stream(detail), 200, { 'content-type': metricsType })
    },
  }
}

function isDetail(word: string): word is Detail {
  return (details as readonly string[]).includes(word)
}

/** Made piece by piece while it is read, so that no number of groups keeps the broker from its work. */
class Metrics {
  readonly #services: BrokerServices
  readonly #clock: Clock
  readonly #registry: Registry
  readonly #hanging: HangingTransactions

  constructor(services: BrokerServices, clock: Clock) {
    this.#services = services
    this.#clock = clock
    this.#registry = brokerRegistry(services)
    this.#hanging = new HangingTransactions(services)
  }

  stream(detail: Detail): ReadableStream<Uint8Array> {
    return pageStream(this.#pieces(detail))
  }

  async *#pieces(detail: Detail): AsyncGenerator<string, void, undefined> {
    await learnEnds(this.#services)
    const breath = new Breath(this.#clock)
    let piece = ''
    for (const text of this.#texts(detail)) {
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
  *#texts(detail: Detail): Iterable<string> {
    const { coordinator, catalog } = this.#services
    const { metrics, histories } = coordinator
    const sources = { ...this.#services, metrics, histories, detail }
    for (const { head, samplesOf } of groupMetrics) {
      yield head
      for (const group of coordinator.groups()) yield samplesOf(group, sources)
    }
    for (const metric of logMetrics) {
      yield metric.head
      for (const topic of catalog.topics()) yield logSamples(metric, topic, sources)
    }
    yield* transactionSamples(this.#services, this.#hanging, this.#clock.now())
    yield* clusterSamples(this.#services)
  }
}
