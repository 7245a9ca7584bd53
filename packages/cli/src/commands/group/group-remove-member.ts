import type { GroupDescription, GroupMember } from '@rivven/client'
import type { CommandContext } from '../../context.js'
import { Failure, UsageError } from '../../failure.js'
import { asLeaving } from '../../reset/members.js'
import { requireGroup } from './group-describe.js'

export interface RemoveMemberOptions {
  instanceId?: string[]
  memberId?: string[]
  reason?: string
}

export async function removeMember(
  context: CommandContext,
  groupId: string,
  { instanceId = [], memberId = [], reason }: RemoveMemberOptions,
): Promise<void> {
  if (instanceId.length + memberId.length === 0)
    throw new UsageError('Say whom to remove: --instance-id ID (a static member) or --member-id ID.')
  const admin = await context.admin()
  const group = await requireGroup(admin, groupId)
  const found = [
    ...instanceId.map((id) => memberWith(group, 'groupInstanceId', id)),
    ...memberId.map((id) => memberWith(group, 'memberId', id)),
  ]
  await admin.removeMembers(groupId, found.map(asLeaving), { reason })
  for (const member of found) context.terminal.words(removedText(groupId, member))
}

/** The member itself: who mistyped an id learns at once which there are. */
function memberWith(group: GroupDescription, kind: 'groupInstanceId' | 'memberId', id: string): GroupMember {
  const found = group.members.find((member) => member[kind] === id)
  if (found) return found
  const ids = group.members.flatMap((member) => member[kind] ?? [])
  const what = kind === 'memberId' ? 'member id' : 'instance id'
  const known = ids.length === 0 ? `it has none with a ${what}` : `there are ${ids.join(', ')}`
  throw new Failure('absent', `Group "${group.groupId}" has no member with ${what} "${id}": ${known}.`)
}

function removedText(groupId: string, { groupInstanceId, memberId, clientId, clientHost }: GroupMember): string {
  const who = `${groupInstanceId ?? memberId} (${clientId} on ${clientHost.replace(/^\//, '')})`
  const then =
    groupInstanceId === null
      ? 'If its process is alive it joins again.'
      : 'If its process is alive it is told that it was removed, and joins again or stops.'
  return `Removed ${who} from ${groupId}; the group rebalances. ${then}\n`
}
