import type { Clock } from '@rivven/runtime'
import { Breath } from '../../breath.js'

/** What is in all shards, one after the other, with turns for others in between; undefined if one of them is not loaded. */
export async function listInTurns<Shard, Listed>(
  hosts: readonly { readonly isLoaded: boolean; readonly shard: Shard }[],
  clock: Clock,
  list: (shard: Shard) => readonly Listed[],
): Promise<Listed[] | undefined> {
  const breath = new Breath(clock)
  const listed: Listed[] = []
  if (hosts.some(({ isLoaded }) => !isLoaded)) return undefined
  for (const host of hosts) {
    if (breath.isDue) await breath.take()
    if (!host.isLoaded) return undefined
    for (const one of list(host.shard)) listed.push(one)
  }
  return listed
}
