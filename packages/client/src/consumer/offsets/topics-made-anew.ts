import { ErrorCode, ZERO_UUID } from '@rivven/protocol'
import type { ClusterImage } from '../../net/cluster-image.js'
import { byTopic, partitionsText } from '../../topic-partition.js'
import type { ConsumerSettings } from '../options/consumer-options.js'
import type { PartitionState } from '../state/partition-state.js'
import type { SubscriptionState } from '../state/subscription-state.js'

export interface TopicsMadeAnewParts {
  settings: ConsumerSettings
  subscription: SubscriptionState
  /** The partition begins as the reset policy says; `why` tells what is wrong where there is none. */
  reset(state: PartitionState, why: string): void
}

/**
 * Notices topics that were deleted and made anew under their old name, by their ids. Such a topic has none of the records that
 * were read: whoever went on at the old offset would skip its first ones in silence.
 */
export class TopicsMadeAnew {
  readonly #parts: TopicsMadeAnewParts
  /** Brokers hear of it one after the other: an id that was replaced once is the answer of one that is behind. */
  readonly #replaced = new Set<string>()

  constructor(parts: TopicsMadeAnewParts) {
    this.#parts = parts
  }

  /** Starts over in partitions of such topics, with a warning. */
  check(image: ClusterImage): void {
    const { subscription, settings, reset } = this.#parts
    const anew = [...this.#changed(subscription.assigned, image)]
    for (const state of anew) {
      const { topic, partition, fetchPosition } = state
      state.startOver()
      reset(
        state,
        `${topic} was made anew: offset ${fetchPosition?.offset} of partition ${partition} is of the old topic.`,
      )
    }
    if (settings.autoOffsetReset === 'none') return
    for (const [topic, states] of byTopic(anew)) {
      const begin = `${partitionsText(states)} starts over (autoOffsetReset ${settings.autoOffsetReset})`
      settings.logger.warn(`Topic ${topic} was deleted and made anew: ${begin}.`, { topic, group: settings.groupId })
    }
  }

  *#changed(states: Iterable<PartitionState>, image: ClusterImage): Iterable<PartitionState> {
    for (const state of states) {
      const topic = image.topics.get(state.topic)
      if (!topic || topic.id === state.topicId || topic.id === ZERO_UUID || topic.errorCode !== ErrorCode.NONE) continue
      if (state.topicId !== null && this.#replaced.has(topic.id)) continue
      if (state.topicId !== null) this.#replaced.add(state.topicId)
      const isKnown = state.topicId !== null && (state.position !== null || state.delivered !== null)
      state.topicId = topic.id
      // What has no position yet finds that of the new topic.
      if (isKnown) yield state
    }
  }
}
