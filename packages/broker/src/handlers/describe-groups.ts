import { type DescribedGroup, describeGroupRefusal } from '@rivven/groups'
import { DescribeGroups, ErrorCode } from '@rivven/protocol'
import { askInTurns } from '../breath.js'
import { authorizedOperations } from './authorized-operations.js'
import { handler } from './handler.js'
import { denial } from './rights/denial.js'

/** A group named twice is answered twice (classic-groups.md §3.7), but looked at once. */
export const handleDescribeGroups = handler(DescribeGroups, async (request, { coordinator, runtime }, context) => {
  const named = [...new Set(request.groups)]
  const described = await askInTurns(named, runtime.clock, (groupId) => {
    const denied = denial(context, 'DESCRIBE', 'GROUP', groupId)
    return denied === ErrorCode.NONE
      ? coordinator.describeGroup(groupId, context.apiVersion)
      : describeGroupRefusal(groupId, denied)
  })
  const byId = new Map<string, DescribedGroup>()
  for (const group of described) {
    const isKnown = request.includeAuthorizedOperations && group.errorCode === ErrorCode.NONE
    const operations = isKnown && { authorizedOperations: authorizedOperations(context, 'GROUP', group.groupId) }
    byId.set(group.groupId, { ...group, ...operations })
  }
  return { throttleTimeMs: 0, groups: request.groups.flatMap((groupId) => byId.get(groupId) ?? []) }
})
