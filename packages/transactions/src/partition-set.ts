import type { TopicPartitions } from './transaction.js'

/** Partitions of topics, each once, in the order in which they came. */
export class PartitionSet {
  readonly #topics = new Map<string, Set<number>>()

  constructor(topics: readonly TopicPartitions[] = []) {
    this.add(topics)
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0
  }

  has(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) ?? false
  }

  /** Returns whether any of them is new. */
  add(topics: readonly TopicPartitions[]): boolean {
    let grew = false
    for (const { topic, partitions } of topics) {
      if (partitions.length === 0) continue
      const known = this.#topics.get(topic) ?? new Set<number>()
      const before = known.size
      for (const partition of partitions) known.add(partition)
      this.#topics.set(topic, known)
      if (known.size > before) grew = true
    }
    return grew
  }

  delete(topics: readonly TopicPartitions[]): void {
    for (const { topic, partitions } of topics) {
      const known = this.#topics.get(topic)
      if (!known) continue
      for (const partition of partitions) known.delete(partition)
      if (known.size === 0) this.#topics.delete(topic)
    }
  }

  list(): TopicPartitions[] {
    return [...this.#topics].map(([topic, partitions]) => ({ topic, partitions: [...partitions] }))
  }
}
