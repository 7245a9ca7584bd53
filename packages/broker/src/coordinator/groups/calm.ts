import type { Clock } from '@rivven/runtime'
import type { GroupHost } from './group-rules.js'

/** A rebalance is over in moments as a rule: so often it is looked. */
const LOOK_MS = 50

/**
 * Resolves when no group of the shard is joining or syncing, after `patienceMs` at the latest: a rebalance begins again where
 * its coordinator changes in the middle of it.
 */
export async function calm(host: GroupHost, clock: Clock, patienceMs: number): Promise<void> {
  const until = clock.monotonic() + patienceMs
  while (isRebalancing(host) && clock.monotonic() < until) {
    await new Promise<void>((resolve) => clock.setTimer(LOOK_MS, resolve))
  }
}

function isRebalancing({ isLoaded, shard }: GroupHost): boolean {
  if (!isLoaded) return false
  for (const { state } of shard.groups.values()) {
    if (state === 'PreparingRebalance' || state === 'CompletingRebalance') return true
  }
  return false
}
