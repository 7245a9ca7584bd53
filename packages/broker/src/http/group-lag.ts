import type { Group } from '@rivven/groups'
import { type LagSources, type Standing, standingsOf } from '../lag/standings.js'

export type PartitionLag = Omit<Standing, 'log'>

/** Where a group is behind: each partition with a committed offset, in records. */
export function* lagsOf(
  group: Group,
  sources: LagSources,
  isShown: (topic: string) => boolean = () => true,
): Iterable<PartitionLag> {
  for (const { log: _, ...lag } of standingsOf(group, sources, isShown)) yield lag
}
