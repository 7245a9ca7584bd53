import type { Partition } from './claims.js'

interface Way<Member> {
  readonly from: Member
  readonly to: Member
}

/** Remembers which way partitions moved, so that a later move the other way takes one of them back instead of another. */
export class Movements<Member> {
  private readonly moved = new Map<Partition, Way<Member>>()

  /** The partition to move: one of the same topic that came from there to here before, if there is one. */
  instead(partition: Partition, { from, to }: Way<Member>): Partition {
    const origin = this.moved.get(partition)?.from ?? from
    for (const [other, way] of this.moved) {
      if (other.topic === partition.topic && way.from === to && way.to === origin) return other
    }
    return partition
  }

  record(partition: Partition, { from, to }: Way<Member>): void {
    const origin = this.moved.get(partition)?.from ?? from
    this.moved.delete(partition)
    if (origin !== to) this.moved.set(partition, { from: origin, to })
  }
}
