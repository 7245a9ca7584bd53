import { commandText } from '../../command-text.js'
import type { TopicFact } from '../../facts/any-broker-facts.js'

/** The command that lets a topic keep its records for twice as long; none where it is not known for how long it does. */
export function keepForLonger(topic: string, topics: readonly TopicFact[] = []): string[] {
  const retentionMs = topics.find((each) => each.topic === topic)?.retentionMs
  return retentionMs ? [commandText('topic alter', [topic], ['--set', `retention.ms=${retentionMs * 2}`])] : []
}
