import type { Cluster } from '../net/cluster.js'
import type { OpenCalls } from '../net/open-calls.js'
import { invalid } from '../options.js'
import { sortPartitions, type TopicPartition } from '../topic-partition.js'
import type { Membership } from './group/membership.js'
import type { ListenerCalls } from './group/rebalance-listener.js'
import type { Lifetime } from './lifetime.js'
import type { AutoCommit } from './offsets/auto-commit.js'
import type { Bell } from './state/bell.js'
import type { SubscriptionState } from './state/subscription-state.js'

export interface SubscribingParts {
  cluster: Cluster
  subscription: SubscriptionState
  membership: Membership | null
  autoCommit: AutoCommit
  listener: ListenerCalls
  bell: Bell
  calls: OpenCalls
  lifetime: Lifetime
}

/** What the application wants to read: shared with a group, or by itself. */
export class Subscribing {
  readonly #parts: SubscribingParts

  constructor(parts: SubscribingParts) {
    this.#parts = parts
  }

  async subscribe(topics: readonly string[] | RegExp): Promise<void> {
    const { cluster, subscription, membership, lifetime } = this.#parts
    lifetime.mustBeOpen()
    if (!membership) throw invalid('Subscribing needs a groupId.', 'Give one, or read without a group: assign().')
    if (topics instanceof RegExp) subscription.subscribePattern(topics)
    else if (topics.length === 0) return this.unsubscribe()
    else if (!subscription.subscribe(topics)) return
    membership.requestRejoin(membership.generationId < 0 ? 'first join' : 'the subscription changed')
    if (topics instanceof RegExp) membership.imageChanged(cluster.image)
  }

  async assign(partitions: readonly TopicPartition[]): Promise<void> {
    const { subscription, autoCommit, bell, lifetime } = this.#parts
    lifetime.mustBeOpen()
    if (partitions.length === 0) return this.unsubscribe()
    autoCommit.start()
    subscription.assignManually(sortPartitions(partitions))
    bell.ring()
  }

  async unsubscribe(): Promise<void> {
    const { cluster, subscription, membership, calls, listener, lifetime } = this.#parts
    lifetime.mustBeOpen()
    const { requestTimeoutMs } = cluster
    try {
      if (subscription.isShared) await calls.during(async () => membership?.leave('unsubscribed', requestTimeoutMs))
    } finally {
      subscription.unsubscribe()
    }
    listener.throwError()
  }
}
