import type { CommittedOffset } from '../events.js'

/** topic -> partition -> value, in maps because names are the users'. */
export type PartitionMap<Value> = Map<string, Map<number, Value>>

/** The offsets of one group. Written by `replay` alone. */
export class GroupOffsets {
  readonly committed: PartitionMap<CommittedOffset> = new Map()
  /** Offsets of open transactions by producer id: not visible, but they make a partition unstable (KIP-447). */
  readonly pending = new Map<number, PartitionMap<CommittedOffset>>()

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
    const partitions = this.committed.get(topic)
    if (partitions) partitions.set(partition, offset)
    else this.committed.set(topic, new Map([[partition, offset]]))
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

function deleteFrom<Value>(offsets: PartitionMap<Value>, topic: string, partition: number): void {
  const partitions = offsets.get(topic)
  if (!partitions) return
  partitions.delete(partition)
  if (partitions.size === 0) offsets.delete(topic)
}
