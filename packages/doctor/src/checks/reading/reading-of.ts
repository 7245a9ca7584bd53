import type { PartitionFact } from '../../facts/any-broker-facts.js'
import type { Facts } from '../../facts/facts.js'
import type { ReadFact } from '../../facts/history-facts.js'
import { placed } from '../../places.js'

/** A partition of which its owner's fetches are known. */
export interface ReadPlace extends PartitionFact, Omit<ReadFact, 'memberId'> {
  readonly memberId: string
  /** What was fetched and is not committed: it is being handled, or waits for that. */
  readonly ahead: number
  readonly consumedPerSecond: number | null
}

/** Those of these partitions that their owners read where it is seen. */
export function readPlaces(
  partitions: readonly PartitionFact[],
  { reads = [], pace = [] }: Pick<Facts, 'reads' | 'pace'>,
): ReadPlace[] {
  const [readAt, paceAt] = [placed(reads), placed(pace)]
  return partitions.flatMap((partition): ReadPlace[] => {
    const read = readAt(partition)
    if (!read || read.position === null || partition.currentOffset === null) return []
    const ahead = Math.max(0, read.position - partition.currentOffset)
    return [{ ...partition, ...read, ahead, consumedPerSecond: paceAt(partition)?.consumedPerSecond ?? null }]
  })
}

/** Records that are in hand without anything being slow. */
const fewAhead = 500
const fewSecondsAhead = 2

/** So much is fetched that it is the handler which others wait for. */
export function isWellAhead({ ahead, consumedPerSecond }: ReadPlace): boolean {
  if (ahead >= fewAhead) return true
  return consumedPerSecond !== null && consumedPerSecond > 0 && ahead / consumedPerSecond >= fewSecondsAhead
}
