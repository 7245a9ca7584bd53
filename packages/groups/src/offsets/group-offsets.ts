import type { CommittedOffset } from '../events.js'

/** topic -> partition -> value, in maps because names are the users'. */
export type PartitionMap<Value> = Map<string, Map<number, Value>>

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
    put(this.committed, topic, partition, offset)
    if (this.pending.size > 0) this.#outdate(topic, partition, Number.POSITIVE_INFINITY)
  }

  /** Keeps an offset until the transaction of its producer ends. */
  hold(producerId: number, held: { topic: string; partition: number; offset: CommittedOffset }): void {
    const { topic, partition, offset } = held
    const offsets: PartitionMap<PendingOffset> = this.pending.get(producerId) ?? new Map()
    this.pending.set(producerId, offsets)
    put(offsets, topic, partition, { offset, order: ++this.#lastOrder, isOutdated: false })
  }

  /** Of a plain commit and those of several transactions the one counts that is last in the log (transactions.md §8). */
  endTransaction(producerId: number, committed: boolean): void {
    const held = this.pending.get(producerId)
    if (!held) return
    this.pending.delete(producerId)
    if (!committed) return
    for (const [topic, partitions] of held) {
      for (const [partition, { offset, order, isOutdated }] of partitions) {
        if (isOutdated) continue
        put(this.committed, topic, partition, offset)
        this.#outdate(topic, partition, order)
      }
    }
  }

  #outdate(topic: string, partition: number, before: number): void {
    for (const offsets of this.pending.values()) {
      const held = offsets.get(topic)?.get(partition)
      if (held && held.order < before) held.isOutdated = true
    }
  }

  delete(topic: string, partition: number): void {
    deleteFrom(this.committed, topic, partition)
    for (const [producerId, offsets] of this.pending) {
      deleteFrom(offsets, topic, partition)
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

function put<Value>(offsets: PartitionMap<Value>, topic: string, partition: number, value: Value): void {
  const partitions = offsets.get(topic)
  if (partitions) partitions.set(partition, value)
  else offsets.set(topic, new Map([[partition, value]]))
}

function deleteFrom<Value>(offsets: PartitionMap<Value>, topic: string, partition: number): void {
  const partitions = offsets.get(topic)
  if (!partitions) return
  partitions.delete(partition)
  if (partitions.size === 0) offsets.delete(topic)
}
