import { RivvenError } from '@rivven/link'
import { ErrorCode } from '@rivven/protocol'
import type { ClusterImage } from '../../net/cluster-image.js'
import type { SubscriptionState } from './subscription-state.js'

/** What is wrong where topics are read that do not exist (any more); null: as far as is known, all are there. */
export function missingTopics(subscription: SubscriptionState, image: ClusterImage): RivvenError | null {
  const isMissing = (name: string) => image.topics.get(name)?.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const topics = [...subscription.watchedTopics].filter(isMissing).sort()
  const [topic] = topics
  if (topic === undefined) return null
  const text = `${topics.join(', ')} cannot be read: there is no such topic.`
  return new RivvenError('UNKNOWN_TOPIC_OR_PARTITION', text, {
    retriable: true,
    hint: 'Check the name, create it, or subscribe without it; once it is there it is read.',
    facts: { topic, topics },
    errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  })
}
