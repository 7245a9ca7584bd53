import { partitionKey, sortPartitions, type TopicPartition } from '../../topic-partition.js'
import type { SubscriptionState } from '../state/subscription-state.js'
import type { ListenerCalls, RebalanceInfo } from './rebalance-listener.js'

/** The partitions that a member owns, and what it tells its application when they come and go (classic-groups §5.4). */
export class Ownership {
  readonly #subscription: SubscriptionState
  readonly #listener: ListenerCalls

  constructor(subscription: SubscriptionState, listener: ListenerCalls) {
    this.#subscription = subscription
    this.#listener = listener
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
    await this.#listener.revoked(partitions, info)
    this.#subscription.replaceAssignment(without(this.partitions, partitions))
  }

  /** They are gone: others may own them already. */
  async lose(info: RebalanceInfo): Promise<void> {
    const lost = this.partitions
    this.hold(lost)
    for (const partition of lost) this.#subscription.mustOwn(partition).isAssigned = false
    if (lost.length > 0) await this.#listener.lost(lost, info)
    this.#subscription.replaceAssignment([])
  }

  /** What is owned and not in the new assignment. */
  movedBy(assigned: readonly TopicPartition[]): TopicPartition[] {
    return without(this.partitions, assigned)
  }

  /** Owns exactly these now; the listener hears of those that are new, if none. */
  async take(assigned: readonly TopicPartition[], info: RebalanceInfo): Promise<void> {
    const added = assigned.filter(({ topic, partition }) => !this.#subscription.of(topic, partition))
    this.#subscription.replaceAssignment(sortPartitions(assigned))
    // What was held for a generation that never came about is read on.
    for (const state of this.#subscription.assigned) state.isRevoking = false
    await this.#listener.assigned(sortPartitions(added), info)
  }
}

function without(all: readonly TopicPartition[], some: readonly TopicPartition[]): TopicPartition[] {
  const gone = new Set(some.map(({ topic, partition }) => partitionKey(topic, partition)))
  return all.filter(({ topic, partition }) => !gone.has(partitionKey(topic, partition)))
}
