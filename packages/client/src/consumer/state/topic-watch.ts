import { asRivvenError, backoff, errorFromCode } from '@rivven/link'
import { ErrorCode, errorOf } from '@rivven/protocol'
import type { Timer } from '@rivven/runtime'
import type { Cluster } from '../../net/cluster.js'
import type { ClusterImage, TopicImage } from '../../net/cluster-image.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { SubscriptionState } from './subscription-state.js'
import type { Troubles } from './troubles.js'

export interface TopicWatchParts {
  cluster: Cluster
  settings: ConsumerSettings
  subscription: SubscriptionState
  troubles: Troubles
  /** Called with each new image of the cluster. */
  onChange: (image: ClusterImage) => void
}

/** Keeps the metadata of the topics that the consumer reads: asks for those that are missing, in error or out of date. */
export class TopicWatch {
  readonly #parts: TopicWatchParts
  readonly #stopListening: () => void
  /** Topics of other members, which a leader watches too. */
  #groupTopics: ReadonlySet<string> = new Set()
  #asking: Promise<void> | null = null
  #isStale = false
  #failures = 0
  #retryAt = 0
  #timer: Timer | null = null
  #isClosed = false

  constructor(parts: TopicWatchParts) {
    this.#parts = parts
    this.#stopListening = parts.cluster.onImage((image) => parts.onChange(image))
  }

  watchGroupTopics(topics: Iterable<string>): void {
    this.#groupTopics = new Set(topics)
  }

  /** Asks in the background for what is missing; cheap when there is nothing. */
  update(): void {
    if (this.#isClosed || this.#asking) return
    if (this.#parts.cluster.runtime.clock.monotonic() < this.#retryAt) {
      this.#wakeLater()
      return
    }
    const missing = this.#missing()
    if (missing.length === 0 && !this.#isStale) return
    this.#asking = this.#askFor(missing).finally(() => {
      this.#asking = null
      this.#wakeLater()
    })
  }

  /** What is known proved wrong: it is asked for again, soon. */
  refreshSoon(): void {
    this.#isStale = true
    this.update()
  }

  /**
   * The image with these topics in it. The broker may make those that are not there, if it does so, but only those that the
   * application named: what matched a pattern, or is another member's, may have been deleted.
   */
  async ask(topics: readonly string[], { isFresh = false } = {}): Promise<ClusterImage> {
    const { cluster, settings, subscription } = this.#parts
    const named = settings.allowAutoCreate ? topics.filter((topic) => subscription.isNamed(topic)) : []
    const others = topics.filter((topic) => !named.includes(topic))
    if (named.length > 0) await cluster.metadata(named, { allowAutoCreate: true, isFresh })
    return others.length > 0 ? cluster.metadata(others, { isFresh }) : cluster.image
  }

  /** Waits until the subscribed topics were asked for; topics that are just being made get a moment. */
  async prepare(): Promise<void> {
    const { cluster, settings, subscription } = this.#parts
    if (subscription.interest.kind === 'pattern') {
      await cluster.metadata('all')
      return
    }
    for (let attempt = 1; attempt <= 3; attempt++) {
      const topics = [...subscription.topics]
      const image = await this.ask(topics)
      const isMissing = (name: string) => image.topics.get(name)?.errorCode !== ErrorCode.NONE
      if (!settings.allowAutoCreate || !topics.some(isMissing)) return
      await new Promise<void>((resolve) => cluster.runtime.clock.setTimer(cluster.retryBackoffMs / 2, resolve))
    }
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#stopListening()
  }

  #missing(): string[] {
    const { cluster, subscription } = this.#parts
    const watched = subscription.watchedTopics
    for (const topic of this.#groupTopics) watched.add(topic)
    return [...watched].filter((name) => needsAsking(cluster.image.topics.get(name)))
  }

  async #askFor(missing: readonly string[]): Promise<void> {
    const { cluster, subscription, troubles } = this.#parts
    const { clock, random } = cluster.runtime
    const startedAt = clock.monotonic()
    const isStale = this.#isStale
    this.#isStale = false
    try {
      if (subscription.interest.kind === 'pattern' && subscription.topics.length === 0) await cluster.metadata('all')
      if (missing.length > 0) await this.ask(missing)
      if (isStale) await cluster.refresh()
      troubles.isWell('metadata')
      this.#reportForbidden(missing)
    } catch (error) {
      if (this.#isClosed) return
      this.#isStale ||= isStale
      troubles.failed('metadata', asRivvenError(error, 'Asking for metadata'), startedAt)
    }
    const isDone = !this.#isStale && this.#missing().length === 0
    this.#failures = isDone ? 0 : this.#failures + 1
    const { retryBackoffMs: backoffMs, maxRetryBackoffMs: maxBackoffMs } = cluster
    this.#retryAt = clock.monotonic() + backoff(Math.max(1, this.#failures), { random, backoffMs, maxBackoffMs })
  }

  /** Topics that will not come by waiting: poll says so. */
  #reportForbidden(topics: readonly string[]): void {
    const { cluster, troubles } = this.#parts
    for (const topic of topics) {
      const code = cluster.image.topics.get(topic)?.errorCode ?? ErrorCode.NONE
      const mayCome = errorOf(code).retriable || code === ErrorCode.NONE
      if (!mayCome)
        troubles.report(errorFromCode(code, `Reading topic ${topic}`, { facts: { topic, operation: 'DESCRIBE' } }))
    }
  }

  /** Looks again by itself, so that a consumer that waits in one long poll is not forgotten. */
  #wakeLater(): void {
    if (this.#isClosed || this.#timer || (!this.#isStale && this.#missing().length === 0)) return
    const { clock } = this.#parts.cluster.runtime
    this.#timer = clock.setTimer(Math.max(1, this.#retryAt - clock.monotonic()), () => {
      this.#timer = null
      this.update()
    })
  }
}

function needsAsking(topic: TopicImage | undefined): boolean {
  return topic === undefined || topic.errorCode !== ErrorCode.NONE || topic.partitions.some(({ leader }) => leader < 0)
}
