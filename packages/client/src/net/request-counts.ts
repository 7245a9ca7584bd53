import type { Clock } from '@rivven/runtime'
import { Durations } from '../diagnostics/distribution.js'
import type { RequestMetrics } from '../diagnostics/metrics.js'

interface OfApi {
  inFlight: number
  answered: number
  failed: number
  readonly latency: Durations
}

/** What became of requests, by their kind. */
export class RequestCounts {
  readonly #clock: Clock
  readonly #apis = new Map<string, OfApi>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get soFar(): RequestMetrics[] {
    return [...this.#apis].map(([api, { inFlight, answered, failed, latency }]) => {
      return { api, inFlight, answered, failed, latencyMs: latency.soFar }
    })
  }

  /** Counts a request that was just sent, and how it ends. */
  watch<T>(api: string, answer: Promise<T>): Promise<T> {
    const counts = this.#of(api)
    const sentAt = this.#clock.monotonic()
    counts.inFlight++
    const came = () => {
      counts.inFlight--
      counts.answered++
      counts.latency.add(this.#clock.monotonic() - sentAt)
    }
    const failed = () => {
      counts.inFlight--
      counts.failed++
    }
    answer.then(came, failed)
    return answer
  }

  #of(api: string): OfApi {
    let counts = this.#apis.get(api)
    if (!counts) {
      counts = { inFlight: 0, answered: 0, failed: 0, latency: new Durations() }
      this.#apis.set(api, counts)
    }
    return counts
  }
}
