import { partitionKey } from '../partition-key.js'
import type { FetchTarget, FetchWish } from './fetch-target.js'
import type { PartitionAnswer } from './read-partition.js'

const LAST_EPOCH = 2_147_483_647

/** A partition of a session: what the client wants of it, and what it was told last. */
interface SessionPartition {
  readonly key: string
  readonly wish: FetchWish
  /** -1 after an error, so that the partition is in the next answer, too. */
  highWatermark: number
  logStartOffset: number
}

/** KIP-227: a fetch session remembers partitions, so that requests and answers carry only what changed. */
export class FetchSession {
  /** What the next request must have. */
  epoch = 1
  /** Monotonic time of the last request. */
  lastUsed = 0
  readonly #partitions = new Map<string, SessionPartition>()

  constructor(
    readonly id: number,
    /** Topics by id (Fetch 13 and later) or by name; it cannot change within a session (KIP-516). */
    readonly usesIds: boolean,
  ) {}

  get size(): number {
    return this.#partitions.size
  }

  /** The wishes in the order in which they are fulfilled. */
  get wishes(): FetchWish[] {
    return Array.from(this.#partitions.values(), (partition) => partition.wish)
  }

  /** What it wants of a partition, if it wants it. */
  wishFor(partition: { topic: string; topicId: string; partition: number }): FetchWish | undefined {
    return this.#partitions.get(this.#keyOf(partition))?.wish
  }

  advance(): void {
    this.epoch = this.epoch === LAST_EPOCH ? 1 : this.epoch + 1
  }

  /** Adds partitions, or changes what is wanted of those that are there; their place stays. */
  want(wishes: readonly FetchWish[]): void {
    for (const wish of wishes) {
      const key = this.#keyOf(wish)
      const known = this.#partitions.get(key)
      if (known) Object.assign(known.wish, wish)
      else this.#partitions.set(key, { key, wish: { ...wish }, highWatermark: -1, logStartOffset: -1 })
    }
  }

  forget(topic: { topic: string; topicId: string; partitions: readonly number[] }): void {
    for (const partition of topic.partitions) this.#partitions.delete(this.#keyOf({ ...topic, partition }))
  }

  /** Notes what a full answer tells. */
  remember(targets: readonly FetchTarget[], answers: readonly PartitionAnswer[]): void {
    for (const [place, answer] of answers.entries()) this.#note(targets[place]?.wish, answer)
  }

  /**
   * Which partitions an incremental answer must have: records, an error or something new. Those with records go to the end,
   * so that none starves.
   */
  changes(targets: readonly FetchTarget[], answers: readonly PartitionAnswer[]): number[] {
    const places: number[] = []
    for (const [place, answer] of answers.entries()) {
      const partition = this.#note(targets[place]?.wish, answer)
      if (partition !== 'unchanged') places.push(place)
    }
    return places
  }

  #note(wish: FetchWish | undefined, answer: PartitionAnswer): 'changed' | 'unchanged' {
    const partition = wish && this.#partitions.get(this.#keyOf(wish))
    if (!partition) return 'changed'
    const isNews =
      partition.highWatermark !== answer.highWatermark || partition.logStartOffset !== answer.logStartOffset
    partition.highWatermark = answer.errorCode === 0 ? answer.highWatermark : -1
    partition.logStartOffset = answer.logStartOffset
    const mustBeTold = isNews || answer.size > 0 || answer.errorCode !== 0 || answer.divergingEpoch !== undefined
    return mustBeTold ? 'changed' : 'unchanged'
  }

  /** Puts partitions that had records behind all others. */
  moveToEnd(wishes: readonly FetchWish[]): void {
    for (const wish of wishes) {
      const key = this.#keyOf(wish)
      const partition = this.#partitions.get(key)
      if (!partition) continue
      this.#partitions.delete(key)
      this.#partitions.set(key, partition)
    }
  }

  #keyOf({ topic, topicId, partition }: { topic: string; topicId: string; partition: number }): string {
    return partitionKey(this.usesIds ? topicId : topic, partition)
  }
}
