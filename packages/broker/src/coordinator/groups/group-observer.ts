import type { Decision, GroupShard, Now } from '@rivven/groups'

/**
 * Watches decisions that have notes (rebalances), in order, right after it took effect in memory (it may not be durable yet). Called on the way
 * of every request: it must be quick, must not throw and must not change anything.
 */
export interface GroupObserver {
  decided(decision: Decision, shard: GroupShard, now: Now): void
  /** Groups were given to this broker that others may have coordinated. */
  gained?(): void
}
