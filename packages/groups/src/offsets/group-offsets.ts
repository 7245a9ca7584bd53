import type { CommittedOffset } from '../events.js'

/** topic -> partition -> value, in maps because names are the users'. */
export type PartitionMap<Value> = Map<string, Map<number, Value>>

/** So many characters of the text beside an offset count as another one. */
const charactersOfOne = 128

/** How much an offset counts towards the most that there may be. */
export function weightOf({ metadata }: Pick<CommittedOffset, 'metadata'>): number {
  return 1 + Math.floor(metadata.length / charactersOfOne)
}

/** An offset of an open transaction. */
interface PendingOffset {
  readonly offset: CommittedOffset
  /** Rises with the position in the log. */
  readonly order: number
  /** A later record of the log holds already: this one no longer counts, but the partition stays unstable. */
  isOutdated: boolean
}

/** The offsets of one group. Written by `replay` alone. */
export class GroupOffsets {
  readonly committed: PartitionMap<CommittedOffset> = new Map()
  /** Offsets of open transactions by producer id: not visible, but they make a partition unstable (KIP-447). */
  readonly pending = new Map<number, PartitionMap<PendingOffset>>()
  /** Of all of them, those of open transactions included. */
  weight = 0
  /** When an offset came last with a transaction that named no member, wall milliseconds. */
  anonymousAt = Number.NEGATIVE_INFINITY
  #lastOrder = 0

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.committed.get(topic)?.get(partition)
  }

  isPending(topic: string, partition: number): boolean {
    for (const offsets of this.pending.values()) if (offsets.get(topic)?.has(partition)) return true
    return false
  }

  get isEmpty(): boolean {
    return this.committed.size === 0 && this.pending.size === 0
  }

  commit(topic: string, partition: number, offset: CommittedOffset): void {
    this.#put(topic, partition, offset)
    if (this.pending.size > 0) this.#outdate(topic, partition, Number.POSITIVE_INFINITY)
  }

  /** Keeps an offset until the transaction of its producer ends. */
  hold(producerId: number, held: { topic: string; partition: number; offset: CommittedOffset }): void {
    const { topic, partition, offset } = held
    if (offset.isAnonymous) this.anonymousAt = Math.max(this.anonymousAt, offset.commitTimestamp)
    const offsets: PartitionMap<PendingOffset> = this.pending.get(producerId) ?? new Map()
    this.pending.set(producerId, offsets)
    const before = put(offsets, topic, partition, { offset, order: ++this.#lastOrder, isOutdated: false })
    this.weight += weightOf(offset) - (before ? weightOf(before.offset) : 0)
  }

  /** Of a plain commit and those of several transactions the one counts that is last in the log (transactions.md §8). */
  endTransaction(producerId: number, committed: boolean): void {
    const held = this.pending.get(producerId)
    if (!held) return
    this.pending.delete(producerId)
    for (const partitions of held.values())
      for (const { offset } of partitions.values()) this.weight -= weightOf(offset)
    if (!committed) return
    for (const [topic, partitions] of held) {
      for (const [partition, { offset, order, isOutdated }] of partitions) {
        if (isOutdated) continue
        this.#put(topic, partition, offset)
        this.#outdate(topic, partition, order)
      }
    }
  }

  #put(topic: string, partition: number, offset: CommittedOffset): void {
    const before = put(this.committed, topic, partition, offset)
    this.weight += weightOf(offset) - (before ? weightOf(before) : 0)
  }

  #outdate(topic: string, partition: number, before: number): void {
    for (const offsets of this.pending.values()) {
      const held = offsets.get(topic)?.get(partition)
      if (held && held.order < before) held.isOutdated = true
    }
  }

  delete(topic: string, partition: number): void {
    const gone = deleteFrom(this.committed, topic, partition)
    if (gone) this.weight -= weightOf(gone)
    for (const [producerId, offsets] of this.pending) {
      const held = deleteFrom(offsets, topic, partition)
      if (held) this.weight -= weightOf(held.offset)
      if (offsets.size === 0) this.pending.delete(producerId)
    }
  }

  /** The partitions of one topic with an offset, committed or pending, each once. */
  partitionsOf(topic: string): Iterable<number> {
    const committed = this.committed.get(topic)
    if (this.pending.size === 0) return committed?.keys() ?? []
    const partitions = new Set(committed?.keys())
    for (const offsets of this.pending.values())
      for (const partition of offsets.get(topic)?.keys() ?? []) partitions.add(partition)
    return partitions
  }

  /** Every partition with an offset, committed or pending, each once. */
  *partitions(): Iterable<{ topic: string; partition: number }> {
    for (const [topic, partitions] of this.committed) {
      for (const partition of partitions.keys()) yield { topic, partition }
    }
    const seen = new Set<string>()
    for (const offsets of this.pending.values()) {
      for (const [topic, partitions] of offsets) {
        for (const partition of partitions.keys()) {
          const name = `${partition}:${topic}`
          if (seen.has(name) || this.get(topic, partition)) continue
          seen.add(name)
          yield { topic, partition }
        }
      }
    }
  }
}

/** Returns what it replaces. */
function put<Value>(offsets: PartitionMap<Value>, topic: string, partition: number, value: Value): Value | undefined {
  const partitions = offsets.get(topic)
  const before = partitions?.get(partition)
  if (partitions) partitions.set(partition, value)
  else offsets.set(topic, new Map([[partition, value]]))
  return before
}

/** Returns what it deletes. */
function deleteFrom<Value>(offsets: PartitionMap<Value>, topic: string, partition: number): Value | undefined {
  const partitions = offsets.get(topic)
  const before = partitions?.get(partition)
  if (partitions?.delete(partition) && partitions.size === 0) offsets.delete(topic)
  return before
}
