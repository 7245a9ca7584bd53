import type { Clock } from '@rivven/runtime'
import type { GroupHost } from './group-rules.js'

/** A rebalance is over in moments as a rule: so often it is looked. */
const LOOK_MS = 50

/**
 * Resolves to true when no group of the shard is joining or syncing, to false after `patienceMs`: a rebalance begins again where its
 * coordinator changes in the middle of it.
 */
export async function calm(host: GroupHost, clock: Clock, patienceMs: number): Promise<boolean> {
  const until = clock.monotonic() + patienceMs
  while (isRebalancing(host)) {
    if (clock.monotonic() >= until) return false
    await new Promise<void>((resolve) => clock.setTimer(LOOK_MS, resolve))
  }
  return true
}

function isRebalancing({ isLoaded, shard }: GroupHost): boolean {
  if (!isLoaded) return false
  for (const { state } of shard.groups.values()) {
    if (state === 'PreparingRebalance' || state === 'CompletingRebalance') return true
  }
  return false
}
