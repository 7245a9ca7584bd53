import { assignedPartitions, type Group, type Member } from '@rivven/groups'

/** Which member owns what, by topic and partition. */
export type Owners = ReadonlyMap<string, ReadonlyMap<number, Member>>

/** Nobody where the group's assignments are of somebody's own format. */
export function ownersOf({ protocolType, members }: Group): Owners {
  const owners = new Map<string, Map<number, Member>>()
  if (protocolType !== 'consumer') return owners
  for (const member of members.values()) {
    for (const { topic, partitions } of assignedPartitions(member.assignment) ?? []) {
      const ofTopic = owners.get(topic) ?? new Map<number, Member>()
      owners.set(topic, ofTopic)
      for (const partition of partitions) ofTopic.set(partition, member)
    }
  }
  return owners
}
