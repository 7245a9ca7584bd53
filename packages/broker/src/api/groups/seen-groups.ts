import type { Group } from '@rivven/groups'
import type { Breath } from '../../breath.js'
import { topicsOf } from '../../coordinator/groups/member-topics.js'
import { mayOnCluster, mayOnGroup } from '../../handlers/rights/denial.js'
import type { Visitor } from '../route.js'

/** Uses the groups here that the caller may see, in turns with others: all with DESCRIBE on the cluster, else those with DESCRIBE. */
export async function eachSeenGroup(
  { services, caller }: Visitor,
  breath: Breath,
  use: (group: Group) => void,
): Promise<void> {
  const seesAll = mayOnCluster(caller, 'DESCRIBE')
  for (const group of services.coordinator.groups()) {
    if (breath.isDue) await breath.take()
    if (seesAll || mayOnGroup(caller, 'DESCRIBE', group.groupId)) use(group)
  }
}

/** Does the group read the topic, or has it? */
export function isOnTopic(group: Group, topic: string): boolean {
  if (group.offsets.committed.has(topic)) return true
  for (const member of group.members.values()) if (topicsOf(group, member)?.includes(topic)) return true
  return false
}
