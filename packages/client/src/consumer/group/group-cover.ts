import { decodeAssignment, decodeSubscription } from '@rivven/groups'
import { DescribeGroups, ErrorCode } from '@rivven/protocol'
import type { ClusterImage } from '../../net/cluster-image.js'
import type { GroupRequests } from '../../net/group-requests.js'

/**
 * Whether a group at rest leaves partitions of its topics to nobody. Asks its coordinator, which knows all assignments.
 * null: the group is not at rest, or the coordinator cannot say.
 */
export async function hasUnownedPartitions(requests: GroupRequests, image: ClusterImage): Promise<boolean | null> {
  const { groups } = await requests.send(DescribeGroups, { groups: [requests.groupId] })
  const group = groups[0]
  if (!group || group.errorCode !== ErrorCode.NONE || group.groupState !== 'Stable') return null
  const topics = new Set(group.members.flatMap(({ memberMetadata }) => decodeSubscription(memberMetadata).topics))
  const owned = new Map<string, Set<number>>()
  for (const { memberAssignment } of group.members) {
    if (memberAssignment.length === 0) continue
    for (const { topic, partitions } of decodeAssignment(memberAssignment).assignedPartitions) {
      const ofTopic = owned.get(topic) ?? new Set<number>()
      owned.set(topic, ofTopic)
      for (const partition of partitions) ofTopic.add(partition)
    }
  }
  return [...topics].some((topic) => (owned.get(topic)?.size ?? 0) < (image.topics.get(topic)?.partitions.length ?? 0))
}
