import { assigned, lost, type OfConsumer, type PartitionsNews, revoked } from '../../diagnostics/channels.js'
import type { News } from '../../diagnostics/tracing.js'
import { partitionKey, sortPartitions, type TopicPartition } from '../../topic-partition.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { ListenerCalls, RebalanceInfo } from './rebalance-listener.js'

/** The partitions that a member owns, and what it tells its application when they come and go (classic-groups §5.4). */
export class Ownership {
  readonly #subscription: SubscriptionState
  readonly #listener: ListenerCalls
  readonly #who: OfConsumer

  constructor(subscription: SubscriptionState, listener: ListenerCalls, who: OfConsumer) {
    this.#subscription = subscription
    this.#listener = listener
    this.#who = who
  }

  get partitions(): TopicPartition[] {
    return sortPartitions(this.#subscription.assigned).map(({ topic, partition }) => ({ topic, partition }))
  }

  /** From now on nothing of these is fetched or returned, though they are still owned. */
  hold(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#subscription.mustOwn(partition).isRevoking = true
  }

  /** Gives these up in good order: offsets can be committed until the listener is done. */
  async revoke(partitions: readonly TopicPartition[], info: RebalanceInfo): Promise<void> {
    this.hold(partitions)
    this.#tell(revoked, partitions, info)
    await this.#listener.revoked(partitions, info)
    this.#subscription.replaceAssignment(without(this.partitions, partitions))
  }

  /** They are gone: others may own them already. */
  async lose(info: RebalanceInfo): Promise<void> {
    const gone = this.partitions
    this.hold(gone)
    for (const partition of gone) this.#subscription.mustOwn(partition).isAssigned = false
    if (gone.length > 0) {
      this.#tell(lost, gone, info)
      await this.#listener.lost(gone, info)
    }
    this.#subscription.replaceAssignment([])
  }

  /** What is owned and not in the new assignment. */
  movedBy(assigned: readonly TopicPartition[]): TopicPartition[] {
    return without(this.partitions, assigned)
  }

  /** Owns exactly these now; the listener hears of those that are new, if none. */
  async take(all: readonly TopicPartition[], info: RebalanceInfo): Promise<void> {
    const added = sortPartitions(all.filter(({ topic, partition }) => !this.#subscription.of(topic, partition)))
    this.#subscription.replaceAssignment(sortPartitions(all))
    // What was held for a generation that never came about is read on.
    for (const state of this.#subscription.assigned) state.isRevoking = false
    this.#tell(assigned, added, info)
    await this.#listener.assigned(added, info)
  }

  #tell(news: News<PartitionsNews>, partitions: readonly TopicPartition[], info: RebalanceInfo): void {
    if (news.isHeard) news.tell({ ...this.#who, partitions, ...info })
  }
}

function without(all: readonly TopicPartition[], some: readonly TopicPartition[]): TopicPartition[] {
  const gone = new Set(some.map(({ topic, partition }) => partitionKey(topic, partition)))
  return all.filter(({ topic, partition }) => !gone.has(partitionKey(topic, partition)))
}
