import type { AwaitedMember } from '@rivven/groups'
import { AdminCalls } from '../../admin/calls.js'
import { groupWait } from '../../admin/group-timeline.js'
import { describeGroup } from '../../admin/groups.js'
import type { Cluster } from '../../net/cluster.js'

/** A member that a rebalance may wait for; without times where the broker tells none. */
export type WaitedFor = Omit<AwaitedMember, 'until'> & {
  /** When it is given up if it does not come, in milliseconds since 1970. null: the broker does not say. */
  readonly until: number | null
}

/**
 * Whom the rebalance of a group waits for: Rivven notes it. Other brokers only say who is in the group; any of these but the one
 * that asks may be it.
 */
export async function awaitedMembers(cluster: Cluster, groupId: string, ownId: string): Promise<WaitedFor[]> {
  const calls = new AdminCalls(cluster, cluster.requestTimeoutMs)
  const wait = await groupWait(calls, groupId).catch(() => null)
  if (wait) return [...wait.awaited]
  const { members } = await describeGroup(calls, groupId)
  const others = members.filter(({ memberId }) => memberId !== ownId)
  return others.map(({ memberId, groupInstanceId, clientId, clientHost }) => {
    return { memberId, groupInstanceId, clientId, clientHost, lastHeardAt: null, until: null }
  })
}
