import { RivvenError } from '@rivven/link'
import { partitionKey, type TopicPartition } from '../../topic-partition.js'
import { PartitionState } from './partition-state.js'

/** What the application asked for: nothing, topics by name or pattern (shared in the group), or certain partitions. */
export type Interest =
  | { readonly kind: 'none' }
  | { readonly kind: 'topics'; readonly topics: readonly string[] }
  | { readonly kind: 'pattern'; readonly pattern: RegExp; readonly topics: readonly string[] }
  | { readonly kind: 'manual' }

/** What a consumer is interested in, and the partitions that it reads. */
export class SubscriptionState {
  #interest: Interest = { kind: 'none' }
  #assigned = new Map<string, PartitionState>()

  get interest(): Interest {
    return this.#interest
  }

  /** Whether partitions come from a group. */
  get isShared(): boolean {
    return this.#interest.kind === 'topics' || this.#interest.kind === 'pattern'
  }

  /** Topics subscribed to; for a pattern, those that match it as far as is known. */
  get topics(): readonly string[] {
    const interest = this.#interest
    return interest.kind === 'topics' || interest.kind === 'pattern' ? interest.topics : []
  }

  /** Topics whose metadata is needed. */
  get watchedTopics(): Set<string> {
    const topics = new Set(this.topics)
    for (const state of this.#assigned.values()) topics.add(state.topic)
    return topics
  }

  get assigned(): Iterable<PartitionState> {
    return this.#assigned.values()
  }

  get size(): number {
    return this.#assigned.size
  }

  /** False when it was subscribed to just these before. */
  subscribe(names: readonly string[]): boolean {
    this.#refuseMixing('subscribe', this.#interest.kind === 'manual')
    const before = this.#interest
    const topics = [...new Set(names)].sort()
    this.#interest = { kind: 'topics', topics }
    return before.kind !== 'topics' || before.topics.join('\n') !== topics.join('\n')
  }

  subscribePattern(pattern: RegExp): void {
    this.#refuseMixing('subscribe', this.#interest.kind === 'manual')
    // Without g and y: with them every test would begin where the last one ended.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
    this.#interest = { kind: 'pattern', pattern: stateless, topics: [] }
  }

  /** The topics that match the pattern now; true when they are others than before. */
  matchTopics(existing: Iterable<string>): boolean {
    const interest = this.#interest
    if (interest.kind !== 'pattern') return false
    const topics = [...existing].filter((topic) => interest.pattern.test(topic)).sort()
    if (topics.join('\n') === interest.topics.join('\n')) return false
    this.#interest = { ...interest, topics }
    return true
  }

  isInteresting(topic: string): boolean {
    const interest = this.#interest
    if (interest.kind === 'pattern') return interest.pattern.test(topic)
    return interest.kind === 'topics' && interest.topics.includes(topic)
  }

  /** Whether the application asked for this topic by its name, and not by a pattern. */
  isNamed(topic: string): boolean {
    const { kind } = this.#interest
    return (kind === 'topics' || kind === 'manual') && this.watchedTopics.has(topic)
  }

  assignManually(partitions: readonly TopicPartition[]): void {
    this.#refuseMixing('assign', this.isShared)
    this.#interest = { kind: 'manual' }
    this.replaceAssignment(partitions)
  }

  unsubscribe(): void {
    this.#interest = { kind: 'none' }
    this.replaceAssignment([])
  }

  of(topic: string, partition: number): PartitionState | undefined {
    return this.#assigned.get(partitionKey(topic, partition))
  }

  /** The state of an assigned partition; throws NOT_ASSIGNED for any other. */
  mustOwn({ topic, partition }: TopicPartition): PartitionState {
    const state = this.of(topic, partition)
    if (state) return state
    throw new RivvenError('NOT_ASSIGNED', `${topic}/${partition} is not assigned to this consumer.`, {
      hint: 'Assigned partitions are known once poll has joined the group, or after assign().',
      facts: { topic, partition },
    })
  }

  /** Takes a new assignment. Partitions that stay keep their position and pause. */
  replaceAssignment(partitions: Iterable<TopicPartition>): void {
    const next = new Map<string, PartitionState>()
    for (const { topic, partition } of partitions) {
      const key = partitionKey(topic, partition)
      next.set(key, this.#assigned.get(key) ?? new PartitionState(topic, partition))
    }
    for (const [key, state] of this.#assigned) if (next.get(key) !== state) state.isAssigned = false
    this.#assigned = next
  }

  #refuseMixing(call: string, isMixed: boolean): void {
    if (!isMixed) return
    throw new RivvenError('INVALID_STATE', `${call}() cannot be mixed with what this consumer reads already.`, {
      hint: 'Call unsubscribe() first: partitions come either from a group or from assign().',
    })
  }
}
