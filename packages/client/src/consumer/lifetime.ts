import { isDoneBy, RivvenError } from '@rivven/link'
import type { Cluster } from '../net/cluster.js'
import type { OpenCalls } from '../net/open-calls.js'
import type { Fetcher } from './fetch/fetcher.js'
import type { Membership } from './group/membership.js'
import type { ListenerCalls } from './group/rebalance-listener.js'
import type { AutoCommit } from './offsets/auto-commit.js'
import type { Commits } from './offsets/commits.js'
import type { Positions } from './offsets/positions.js'
import type { PollLoop } from './poll-loop.js'
import type { SubscriptionState } from './state/subscription-state.js'
import type { TopicWatch } from './state/topic-watch.js'
import type { MetricsPush } from './telemetry/metrics-push.js'

export interface LifetimeParts {
  cluster: Cluster
  subscription: SubscriptionState
  listener: ListenerCalls
  calls: OpenCalls
  loop: PollLoop
  membership: Membership | null
  fetcher: Fetcher
  positions: Positions
  watch: TopicWatch
  autoCommit: AutoCommit
  commits: Commits
  /** null: not wanted. */
  metricsPush: MetricsPush | null
}

/** Until when a consumer takes calls, and how it ends. */
export class Lifetime {
  readonly #parts: LifetimeParts
  #isClosed = false
  #closing: Promise<void> | null = null

  constructor(parts: LifetimeParts) {
    this.#parts = parts
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  mustBeOpen(): void {
    if (!this.#isClosed) return
    throw new RivvenError('CLIENT_CLOSED', 'The consumer was closed.', { hint: 'Make a new one to go on.' })
  }

  /** Also while closing gives the partitions up, as the listener is told. */
  mayStillCommit(): void {
    if (!this.#parts.listener.isInside) this.mustBeOpen()
  }

  /** Each call waits for the same end; only within the rebalance listener it resolves at once. */
  async close(timeoutMs: number): Promise<void> {
    const { calls, listener } = this.#parts
    this.#closing ??= calls.during(() => this.#close(timeoutMs))
    // Who cannot wait does not hear of a failure either; the next call tells it.
    if (listener.isInside) this.#closing.catch(ignoreFailure)
    else await this.#closing
  }

  async #close(timeoutMs: number): Promise<void> {
    const { cluster, membership, fetcher, positions, watch, listener, metricsPush } = this.#parts
    const { clock } = cluster.runtime
    this.#isClosed = true
    try {
      await isDoneBy(this.#sayGoodbye(timeoutMs), clock.monotonic() + timeoutMs, clock)
    } finally {
      membership?.stop()
      metricsPush?.stop()
      fetcher.close()
      positions.close()
      watch.close()
      await cluster.close()
    }
    listener.throwError()
  }

  /** A group that cannot be told finds out by the session timeout: nothing here fails the close. */
  async #sayGoodbye(timeoutMs: number): Promise<void> {
    const { loop, autoCommit, commits, subscription, membership, metricsPush } = this.#parts
    await loop.close()
    const lastWord = metricsPush?.close()
    await autoCommit.flush(timeoutMs)
    await commits.finish()
    if (subscription.isShared) await membership?.leave('the consumer was closed', timeoutMs).catch(ignoreFailure)
    await lastWord
  }
}

function ignoreFailure(): void {
  // Whoever cannot leave is given up by the group after its session timeout.
}
