import type { Decision, Now } from '../decision.js'
import type { GroupShard } from '../shard.js'
import { noDecision } from '../turn.js'

/** Somebody asked for the coordinator of a group. Only where the group waits for no other reason does that matter. */
export function expectMember(shard: GroupShard, groupId: string, now: Now): Decision {
  const { initialRebalanceDelayMs, gatherMs } = shard.config
  if (initialRebalanceDelayMs < gatherMs) shard.expected.expect(groupId, now.monotonic)
  return noDecision
}
