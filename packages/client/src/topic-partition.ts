import { checks } from '@rivven/config'

export interface TopicPartition {
  topic: string
  partition: number
}

const { listOf, object, text, whole } = checks

export const partitionCheck = object<TopicPartition>({ topic: text, partition: whole(0) }, { mayHaveMore: true })

export const partitionsCheck = listOf(partitionCheck, 'Write [{ topic, partition }].')

/** A key for maps; no topic name holds a slash. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

/** The partitions of a list by topic, in the order in which the topics first come. */
export function byTopic<Entry extends TopicPartition>(entries: Iterable<Entry>): Map<string, Entry[]> {
  const topics = new Map<string, Entry[]>()
  for (const entry of entries) {
    const known = topics.get(entry.topic)
    if (known) known.push(entry)
    else topics.set(entry.topic, [entry])
  }
  return topics
}

/** `orders/0, orders/3`: for messages. */
export function partitionsText(partitions: Iterable<TopicPartition>): string {
  return [...partitions].map(({ topic, partition }) => partitionKey(topic, partition)).join(', ')
}

export function sortPartitions<Entry extends TopicPartition>(partitions: Iterable<Entry>): Entry[] {
  return [...partitions].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
}
