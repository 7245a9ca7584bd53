import { Durations } from '../diagnostics/distribution.js'
import type { ProducerMetrics } from '../diagnostics/metrics.js'
import type { ProducerBatch } from './producer-batch.js'

/** What became of batches and the records in them. */
export class DeliveryCounts {
  readonly #records = { acknowledged: 0, failed: 0 }
  readonly #batches = { acknowledged: 0, failed: 0, retries: 0, bytes: 0 }
  readonly #delivery = new Durations()

  get soFar(): Pick<ProducerMetrics, 'records' | 'batches' | 'deliveryMs'> {
    return { records: { ...this.#records }, batches: { ...this.#batches }, deliveryMs: this.#delivery.soFar }
  }

  /** One that was split counts by its parts. */
  settled({ outcome, attempts, count, size, createdAt }: ProducerBatch, now: number): void {
    this.#batches.retries += Math.max(0, attempts - 1)
    if (outcome === null || outcome === 'split') return
    const how = outcome === 'appended' ? 'acknowledged' : 'failed'
    this.#records[how] += count
    this.#batches[how]++
    if (how === 'failed') return
    this.#batches.bytes += size
    this.#delivery.add(now - createdAt)
  }
}
