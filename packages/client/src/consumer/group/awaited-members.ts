import type { AwaitedMember } from '@rivven/groups'
import { AdminCalls } from '../../admin/calls.js'
import { groupWait } from '../../admin/group-timeline.js'
import { describeGroup, type GroupMember } from '../../admin/groups.js'
import type { Cluster } from '../../net/cluster.js'

/** A member that a rebalance may wait for; without times where the broker tells none. */
export type WaitedFor = Omit<AwaitedMember, 'until'> & {
  /** When it is given up if it does not come, in milliseconds since 1970. null: the broker does not say. */
  readonly until: number | null
}

export interface Awaited {
  readonly members: readonly WaitedFor[]
  /** The broker says so. Else they are all who are in the group besides the one that asks, and may be waited for or wait themselves. */
  readonly isCertain: boolean
}

/** Whom the rebalance of a group waits for: Rivven notes it. Other brokers only say who is in the group. */
export async function awaitedMembers(cluster: Cluster, groupId: string, ownId: string): Promise<Awaited> {
  const calls = new AdminCalls(cluster, cluster.requestTimeoutMs)
  const wait = await groupWait(calls, groupId).catch(() => undefined)
  if (wait !== undefined) return { members: wait?.awaited ?? [], isCertain: true }
  const { members } = await describeGroup(calls, groupId)
  const others = members.filter(({ memberId }) => memberId !== ownId)
  return { members: others.map(withoutTimes), isCertain: false }
}

function withoutTimes({ memberId, groupInstanceId, clientId, clientHost }: GroupMember): WaitedFor {
  return { memberId, groupInstanceId, clientId, clientHost, lastHeardAt: null, disconnectedAt: null, until: null }
}
