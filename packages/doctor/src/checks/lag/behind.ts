import type { Known } from '../../check.js'
import type { PartitionFact } from '../../facts/any-broker-facts.js'
import type { PaceFact } from '../../facts/two-look-facts.js'
import { sum } from '../../numbers.js'
import { placed } from '../../places.js'

/** A group that reads, and whose lag does not shrink in most of the partitions where it is behind. */
export interface Behind {
  /** Partitions where something waits. */
  readonly waiting: readonly PartitionFact[]
  /** Those of them where the lag does not shrink. */
  readonly growing: readonly PartitionFact[]
  /** Of all partitions. */
  readonly consumedPerSecond: number
  readonly producedPerSecond: number
}

/** Null: it does not fall behind. */
export function behind({ group, partitions, pace }: Known<'group' | 'partitions' | 'pace'>): Behind | null {
  const paceAt = placed(pace)
  const waiting = partitions.filter(({ waiting, lag }) => waiting && (lag ?? 0) > 0)
  const growing = waiting.filter((partition) => paceAt(partition)?.status === 'WARN')
  if (group.members.length === 0 || growing.length === 0 || growing.length * 2 < waiting.length) return null
  return {
    waiting,
    growing,
    consumedPerSecond: rate(pace, ({ consumedPerSecond }) => consumedPerSecond),
    producedPerSecond: rate(pace, ({ producedPerSecond }) => producedPerSecond),
  }
}

function rate(pace: readonly PaceFact[], of: (pace: PaceFact) => number | null): number {
  return sum(pace.map((each) => Math.max(0, of(each) ?? 0)))
}
