import type { DescribedGroup } from '@rivven/groups'
import { DescribeGroups, ErrorCode } from '@rivven/protocol'
import { mapInTurns } from '../breath.js'
import { groupOperations } from './authorized-operations.js'
import { handler } from './handler.js'

/** A group named twice is answered twice (classic-groups.md §3.7), but looked at once. */
export const handleDescribeGroups = handler(DescribeGroups, async (request, { coordinator, runtime }, context) => {
  const named = [...new Set(request.groups)]
  const described = await mapInTurns(named, runtime.clock, (groupId) =>
    coordinator.describeGroup(groupId, context.apiVersion),
  )
  const byId = new Map<string, DescribedGroup>()
  for (const group of await Promise.all(described)) {
    const isKnown = request.includeAuthorizedOperations && group.errorCode === ErrorCode.NONE
    byId.set(group.groupId, isKnown ? { ...group, authorizedOperations: groupOperations } : group)
  }
  return { throttleTimeMs: 0, groups: request.groups.flatMap((groupId) => byId.get(groupId) ?? []) }
})
